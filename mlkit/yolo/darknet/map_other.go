//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package darknet

import "os"

// mapFile maps nothing here.
func mapFile(*os.File) (data []byte, unmap func() error, err error) { return nil, nil, errCannotMap }

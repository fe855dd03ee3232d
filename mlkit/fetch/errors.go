package fetch

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// Error says why a file could be had from no mirror.
type Error struct {
	Title   string
	Mirrors []error // a *MirrorError for each
}

func (e *Error) Error() string {
	var s strings.Builder
	s.WriteString("cannot fetch the " + e.Title + ": ")
	if len(e.Mirrors) == 0 {
		s.WriteString("no address is known")
	}
	for i, err := range e.Mirrors {
		if i > 0 {
			s.WriteString("; ")
		}
		s.WriteString(err.Error())
	}
	if e.Offline() {
		s.WriteString(". Is this computer online?")
	}
	return s.String()
}

// Unwrap returns the mirrors' errors.
func (e *Error) Unwrap() []error { return e.Mirrors }

// Offline tells whether not one mirror could be reached.
func (e *Error) Offline() bool {
	for _, err := range e.Mirrors {
		if !errors.Is(err, errUnreachable) {
			return false
		}
	}
	return len(e.Mirrors) > 0
}

// MirrorError says why a file could not be had from one mirror.
type MirrorError struct {
	Host string
	Err  error
}

func (e *MirrorError) Error() string { return e.Host + " " + e.Err.Error() }

// Unwrap returns the reason.
func (e *MirrorError) Unwrap() error { return e.Err }

// refusal is what is wrong with a mirror's answer, such that asking again is no use. It follows the
// mirror's name: "answered 404 Not Found".
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

// stalled is for how long a mirror sent nothing.
type stalled time.Duration

func (s stalled) Error() string {
	return fmt.Sprintf("sent nothing, or next to nothing, for %v", time.Duration(s))
}

// errUnreachable is wrapped by the errors that tell of no connection.
var errUnreachable = errors.New("cannot be reached")

type unreachable string

func (u unreachable) Error() string      { return errUnreachable.Error() + " (" + string(u) + ")" }
func (unreachable) Is(target error) bool { return target == errUnreachable }

// inWords says what went wrong on the way to a mirror, as it follows the mirror's name.
func inWords(err error) error {
	var refused *refusal
	var idle stalled
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &idle):
		return idle
	}
	var request *url.Error
	if !errors.As(err, &request) { // it broke off after the answer had begun
		return errors.New("broke off (" + err.Error() + ")")
	}
	var lookup *net.DNSError
	var dial *net.OpError
	switch {
	case errors.As(err, &lookup):
		return unreachable("its name is not found")
	case errors.Is(err, syscall.ECONNREFUSED):
		return unreachable("it refuses the connection")
	case errors.As(err, &dial) && dial.Op == "dial" && !dial.Timeout():
		return unreachable(dial.Err.Error())
	case errors.Is(err, os.ErrDeadlineExceeded), request.Timeout():
		return unreachable("it does not answer")
	}
	return errors.New("broke off (" + request.Err.Error() + ")")
}

// ofDisk tells whether an error is this computer's disk's, not a mirror's.
func ofDisk(err error) bool {
	var path *fs.PathError
	var link *os.LinkError
	return errors.As(err, &path) || errors.As(err, &link)
}

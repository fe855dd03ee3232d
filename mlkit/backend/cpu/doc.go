// Package cpu is a fast GoMLX backend for CPUs, in Go and Go assembly: no cgo, no download.
//
//	import _ "gopherlens/mlkit/backend/cpu"
//
// registers it as "cpu".
package cpu

//go:generate go run gen.go

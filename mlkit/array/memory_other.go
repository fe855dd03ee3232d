//go:build !linux

package array

// inLargePages does nothing: other systems choose the size of pages by themselves.
func inLargePages[T Number]([]T) {}

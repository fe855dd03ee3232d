package array

import "fmt"

// String prints the array.
func (a *Array) String() string {
	if a == nil {
		return "<nil>"
	}
	if a.data == nil {
		return a.missing()
	}
	return fmt.Sprintf("%v", a.data)
}

package cpu

import "unsafe"

// tail is a slot's memory from element i on, as floats.
func (fr *frame) tail(slot, i int) []float32 {
	n := fr.plan.slots[slot].size/4 - i
	return unsafe.Slice((*float32)(unsafe.Add(fr.mem[slot], 4*i)), n)
}

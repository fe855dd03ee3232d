package cpu

import (
	"unsafe"

	"gopherlens/mlkit/backend/cpu/kernel"
)

// tail is a slot's memory from element i on, as floats.
func (fr *frame) tail(slot, i int) []float32 {
	n := fr.plan.slots[slot].size/4 - i
	return unsafe.Slice((*float32)(unsafe.Add(fr.mem[slot], 4*i)), n)
}

// activationOf is relu or nothing.
func activationOf(relu bool) kernel.Activation {
	if relu {
		return kernel.ReLU
	}
	return kernel.Identity
}

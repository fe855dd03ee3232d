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

func reluGrad(dst, y, dy []float32) {
	for i, v := range y {
		if v > 0 {
			dst[i] = dy[i]
		} else {
			dst[i] = 0
		}
	}
}

// activationOf is relu or nothing.
func activationOf(relu bool) kernel.Activation {
	if relu {
		return kernel.ReLU
	}
	return kernel.Identity
}

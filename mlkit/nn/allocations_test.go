package nn

import "testing"

// TestStepAllocations counts what a training step of the digit lesson allocates, once the graph is compiled: a few
// objects for each of its 28 results. A graph that is built or compiled anew in each step takes thousands.
func TestStepAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(20, digitStep(t)); n > 100 {
		t.Errorf("a step allocates %v times, want at most 100", n)
	}
}

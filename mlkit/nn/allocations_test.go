package nn

import "testing"

// TestStepAllocations counts what a training step of the digit lesson allocates, once the graph is compiled: a few
// objects for each of its 28 results. A graph that is built or compiled anew in each step takes thousands.
func TestStepAllocations(t *testing.T) {
	m, s := digitState(t)
	exec, err := m.trainer(s)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	x, y := digitsLike(32)
	batch := newBatch(32, s.input(), s.output())
	rows := make([]int, 32)
	for i := range rows {
		rows[i] = i
	}
	step := func() {
		batch.fill(x, y, rows)
		if _, err := s.score(exec, batch); err != nil {
			t.Fatal(err)
		}
	}
	step()
	if n := testing.AllocsPerRun(20, step); n > 100 {
		t.Errorf("a step allocates %v times, want at most 100", n)
	}
}

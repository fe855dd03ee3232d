package kernel

import (
	"strings"
	"testing"
)

func TestForce(t *testing.T) {
	before := active
	defer use(before)
	for _, l := range Available() {
		if err := force(l.String()); err != nil || Active() != l {
			t.Errorf("forcing %s: %v, active is %s", l, err, Active())
		}
	}
	use(before)
	for _, name := range []string{"sse9", "AVX2", ""} {
		err := force(name)
		if err == nil || !strings.Contains(err.Error(), "generic") || Active() != before {
			t.Errorf("forcing %q: %v, active is %s", name, err, Active())
		}
	}
}

func TestEachLevelComesBack(t *testing.T) {
	before, seen := active, 0
	EachLevel(func(l Level) {
		seen++
		if Active() != l {
			t.Errorf("%s is active, not %s", Active(), l)
		}
	})
	if Active() != before || seen != len(Available()) {
		t.Errorf("%d levels of %d, then %s", seen, len(Available()), Active())
	}
}

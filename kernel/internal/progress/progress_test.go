package progress

import (
	"bytes"
	"regexp"
	"testing"
	"time"
)

// A log gets a line at the beginning and one at the end; what happens between is for terminals.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	line := Start(&out, "Building")
	line.Set("package %d", 3)
	line.Done("4 packages")
	Quiet(&out, "Testing").Fail("")
	got := regexp.MustCompile(`\d+\.\d s`).ReplaceAllString(out.String(), "0.0 s")
	if want := "• Building …\n✓ Building: 4 packages (0.0 s)\n✗ Testing (0.0 s)\n"; got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		320 * time.Millisecond: "0.3 s",
		42 * time.Second:       "42 s",
		200 * time.Second:      "3 min 20 s",
	} {
		if got := Seconds(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}

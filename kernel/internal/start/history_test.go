package start

import (
	"path/filepath"
	"testing"
)

func TestHistoryFile(t *testing.T) {
	data := t.TempDir()
	t.Setenv("XDG_DATA_HOME", data)
	for value, want := range map[string]string{"": filepath.Join(data, "gopherlens", "history.sqlite"), ":memory:": "", "/there/h.sqlite": "/there/h.sqlite"} {
		t.Setenv("GOPHERLENS_HISTORY", value)
		if got := historyFile(); got != want {
			t.Errorf("with %q the history is in %q, want %q", value, got, want)
		}
	}
}

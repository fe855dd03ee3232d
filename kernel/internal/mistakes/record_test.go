package mistakes

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/jupyter"
	"gopherlens/kernel/labtest"
)

var record = flag.Bool("record", false, "ask GoNB anew what it says of the cells in testdata/cells.txt")

// sample is what GoNB said of a mistaken cell.
type sample struct {
	Name      string   `json:"name"`
	Cells     []string `json:"cells"` // the last one is mistaken
	Status    string   `json:"status"`
	ErrName   string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
	Stderr    string   `json:"stderr"`
	Main      string   `json:"main"`
	HTML      string   `json:"html"` // of what the cell showed last
	Text      string   `json:"text"`
}

// TestRecord runs the cells of testdata/cells.txt through GoNB and writes what it says to
// testdata/recorded.jsonl, so that another GoNB or Go can be compared.
func TestRecord(t *testing.T) {
	if !*record {
		t.Skip("skipped: only with -record")
	}
	c := labtest.Clone(t)
	g, err := goenv.Read(c)
	if err != nil {
		t.Fatal(err)
	}
	cells, err := os.ReadFile("testdata/cells.txt")
	if err != nil {
		t.Fatal(err)
	}
	type named struct {
		Name  string   `json:"name"`
		Cells []string `json:"cells"`
	}
	var samples []named
	for _, text := range strings.Split("\n"+string(cells), "\n=== ")[1:] {
		name, sources, _ := strings.Cut(text, "\n")
		samples = append(samples, named{name, strings.Split(strings.TrimSuffix(sources, "\n"), "\n---\n")})
	}
	request, err := json.Marshal(map[string]any{
		"argv":    []string{c.Bin("gonb"), "--kernel", "{connection_file}", "-logtostderr=true", "-go_work=" + c.Root, "-raw_error"},
		"hide":    [][2]string{{c.Root, "/gopherlens"}, {g.Root, "/go"}, {g.ModCache, "/mod"}},
		"samples": samples,
	})
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("testdata/record.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := jupyter.Command(t.Context(), c, script, string(request))
	cmd.Env = goenv.Cell(cmd.Env, c, g)
	cmd.Dir = t.TempDir()
	cmd.Stderr = os.Stderr
	recorded, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("testdata/recorded.jsonl", recorded, 0o644); err != nil {
		t.Fatal(err)
	}
}

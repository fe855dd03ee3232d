package cells_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"gopherlens/kernel/internal/cells"
	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/run"
	"gopherlens/kernel/labtest"
)

// real are cells of one notebook, with what GoNB prints and shows for them.
var real = []struct{ source, prints, shows string }{
	{"fmt.Println(\"hello\")", "hello\n", ""},
	{"x := 6\ny := x * 7", "", ""},
	{"y", "", "42"},
	{"fmt.Println(half(x))\n\n// half halves.\nfunc half(n int) int { return n / 2 }\nhalf(y)", "3\n", "21"},
	{"fmt.Println(strings.Repeat(\"ab\", 2))\nimport \"strings\"\nstrings.ToUpper(\"ab\")", "abab\n", "AB"},
	{"a, err := strconv.Atoi(\"5\")\nif err != nil {\n\tpanic(err)\n}\nb, err := strconv.Atoi(\"6\")\na * b", "", "30"},
	{"c, err := strconv.Atoi(\"no\")", "", ""},
	{"err", "", `strconv.Atoi: parsing "no": invalid syntax`},
	{"a", "", "5"},
	{"%args 3\nfmt.Println(os.Args[1:])", "[3]\n", ""},
	{"n := 1\nn++\n!echo first\nfmt.Println(n)\nx;", "first\n2\n", ""},
	{"os.Chdir(\".\")", "", ""},
	{"type point struct{ x, y int }\nfunc (p point) HTML() string { return \"<b>p</b>\" }\npoint{1, 2}", "", "{1 2}"},
	{"packages := 2\nfmt.Println(packages)\npackages++\npackages", "2\n", "3"},
	{"%%\nimg := image.NewGray(image.Rect(0, 0, 3, 2))\nimg", "", "Picture of 3×2 pixels"},
	{"func mean(x ...float64) (m float64) {\n\tfor _, v := range x {\n\t\tm += v / float64(len(x))\n\t}\n\treturn\n}\n%%\nmean(1, 2)", "", "1.5"},
}

// TestReal executes what cells become.
func TestReal(t *testing.T) {
	c := labtest.Clone(t)
	golang, err := goenv.Read(c)
	if err != nil {
		t.Skip(err)
	}
	n := cells.Notebook{Packages: cells.LoadPackages(func(arguments ...string) ([]byte, error) {
		return goenv.Command(t.Context(), c, golang, arguments...).Output()
	})}
	for !n.Rewrite(`strings.ToUpper("a")`).Result { // until the types are there
		time.Sleep(10 * time.Millisecond)
	}
	var sources []string
	for _, r := range real {
		rewritten := n.Rewrite(r.source)
		if shows := r.shows != ""; rewritten.Result != shows && r.source != "os.Chdir(\".\")" {
			t.Errorf("%q: result %v", r.source, rewritten.Result)
		}
		n.Ran(rewritten, true)
		sources = append(sources, rewritten.Source)
	}
	path := labtest.Notebook(t, sources...)
	if _, err := run.Notebook(t.Context(), c, run.Request{Notebook: path, Output: path, AllowErrors: true}, reporter{t}); err != nil {
		t.Fatal(err)
	}
	var after struct {
		Cells []struct {
			Outputs []struct {
				Text any
				Data map[string]any
			}
		}
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &after)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range real {
		var prints, shows strings.Builder
		for _, o := range after.Cells[i].Outputs {
			prints.WriteString(joined(o.Text))
			shows.WriteString(joined(o.Data["text/plain"]))
		}
		if prints.String() != r.prints || shows.String() != r.shows {
			t.Errorf("%q prints %q and shows %q, want %q and %q", r.source, prints.String(), shows.String(), r.prints, r.shows)
		}
	}
}

// joined is a text that a notebook keeps as its lines.
func joined(text any) string {
	var all strings.Builder
	switch text := text.(type) {
	case string:
		return text
	case []any:
		for _, line := range text {
			all.WriteString(line.(string))
		}
	}
	return all.String()
}

type reporter struct{ *testing.T }

func (r reporter) Started(run.Cell) {}
func (r reporter) Ended(c run.Cell) {
	if c.Failed {
		r.Errorf("%s\nfails: %s", c.Source, c.Problem)
	}
}

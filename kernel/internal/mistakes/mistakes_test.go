package mistakes

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden file anew")

// samples are what GoNB said of the cells in testdata/cells.txt.
func samples(t testing.TB) []sample {
	t.Helper()
	text, err := os.ReadFile("testdata/recorded.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var all []sample
	for line := range bytes.Lines(text) {
		var s sample
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func (s sample) failure() Failure {
	return Failure{
		Cell: s.Cells[len(s.Cells)-1], Number: len(s.Cells), Name: s.ErrName, Value: s.Value, Traceback: s.Traceback, Stderr: s.Stderr,
		Card: CardText(s.HTML, s.Text), Main: s.Main,
	}
}

// TestExplain compares what is said of each sample with testdata/explained.txt, without the colours.
func TestExplain(t *testing.T) {
	var out strings.Builder
	for _, s := range samples(t) {
		fmt.Fprintf(&out, "=== %s\n%s\n", s.Name, strings.Join(s.Cells, "\n---\n"))
		if s.Status == "ok" {
			out.WriteString("-> no error\n\n")
			continue
		}
		m := Explain(s.failure())
		fmt.Fprintf(&out, "-> %s: %s\n%s\n\n", m.Name, m.Value, Plain(strings.Join(m.Traceback, "\n")))
	}
	golden := filepath.Join("testdata", "explained.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(out.String(), "\n=== "), strings.Split(string(want), "\n=== ")
	if len(got) != len(wanted) {
		t.Errorf("there are %d samples, and %d in %s", len(got), len(wanted), golden)
	}
	for i := range min(len(got), len(wanted)) {
		if got[i] != wanted[i] {
			t.Errorf("got\n%s\nwant\n%s", got[i], wanted[i])
		}
	}
}

func checkBounded(t *testing.T, m Message) {
	t.Helper()
	if text := strings.Join(m.Traceback, "\n"); len(text) > 256<<10 || len(m.Value) > mostText+100 {
		t.Errorf("the message has %d bytes", len(text))
	} else if m.Name == "" || text == "" || !utf8.ValidString(text) {
		t.Errorf("the message is %q", m)
	}
}

func FuzzExplain(f *testing.F) {
	for _, s := range samples(f) {
		x := s.failure()
		f.Add(x.Cell, x.Value, strings.Join(x.Traceback, "\x00"), x.Stderr, x.Main, 1, 2)
	}
	f.Add("x", "./main.go:1:1: undefined: x)(", "", "", "", 1, 2)
	f.Fuzz(func(t *testing.T, source, value, traceback, stderr, main string, number, line int) {
		checkBounded(t, Explain(Failure{Cell: source, Lines: []int{line, 1, 0, -1, line}, Number: number, Name: "ERROR", Value: value,
			Traceback: strings.Split(traceback, "\x00"), Stderr: stderr, Main: main}))
	})
}

// TestRewritten maps what GoNB says of a cell that was rewritten to the learner's own lines.
func TestRewritten(t *testing.T) {
	traceback := func(entry string) []string { return []string{"# gonb_00000000", entry, ""} }
	tests := []struct {
		name string
		f    Failure
		want []string
	}{
		{"a line put in front", Failure{Cell: "count := 5\nfmt.Println(1)", Lines: []int{0, 1, 2}, Number: 7,
			Value:     "# gonb_00000000\n./main.go:11:1: declared and not used: count\n",
			Traceback: traceback("Cell[7]: Line 2\nfunc main() {\n\tflag.Parse()\ncount := 5\n^\nfmt.Println(1)\n\ndeclared and not used: count")},
			[]string{"cell 7, line 1", "    1 │ count := 5", "      │ ^^^^^"}},
		{"another line", Failure{Cell: "x := 1\nx + y", Lines: []int{0, 1, 2}, Number: 1,
			Value:     "# gonb_00000000\n./main.go:11:17: undefined: y\n",
			Traceback: traceback("Cell[1]: Line 3\nx := 1\nresult.Show(x + y)\n                ^\n\n\nundefined: y")},
			[]string{"cell 1, line 2", "    2 │ x + y", "      │     ^"}},
		{"a line that the learner did not write", Failure{Cell: "x + y", Lines: []int{0, 1}, Number: 1,
			Value:     "# gonb_00000000\n./main.go:11:1: undefined: gopherlens\n",
			Traceback: traceback("Cell[1]: Line 1\n\ngopherlens.Go()\n^\n\nundefined: gopherlens")},
			[]string{"Compile error in cell 1\n"}},
		{"a panic", Failure{Cell: "list := []int{}\nlist[0]", Lines: []int{0, 1, 2}, Number: 2, Value: "exit status 2",
			Stderr: "panic: runtime error: index out of range [0] with length 0\n\ngoroutine 1 [running]:\nmain.main()\n\t \x1b[7m[[ Cell [2] Line 3 ]]\x1b[0m /tmp/gonb_00000000/main.go:12 +0x52\nexit status 2\n"},
			[]string{"cell 2, line 2", "    2 │ list[0]", "      │     ^"}},
		{"an earlier cell, which GoNB got with a line in front and knows by another number", Failure{Cell: "half(0)", Number: 5, GoNB: 3, Value: "exit status 2",
			Earlier: []Source{{Number: 3, GoNB: Again, Cell: "x := 1"}, {Number: 2, GoNB: 1, Cell: "func half(n int) int {\n\treturn 1 / n\n}", Lines: []int{0, 1, 2, 3}}},
			Stderr:  "panic: runtime error: integer divide by zero\n\ngoroutine 1 [running]:\nmain.half(0)\n\t [[ Cell [1] Line 3 ]] /tmp/gonb_00000000/main.go:5 +0x52\nexit status 2\n"},
			[]string{"Panic in cell 2, line 2\n", "    2 │     return 1 / n\n"}},
		{"an earlier cell that GoNB was told again, when it had started again", Failure{Cell: "half(0)", Number: 5, GoNB: 2, Value: "exit status 2",
			Earlier: []Source{{Number: 2, GoNB: Again, Cell: "// half\nfunc half(n int) int {\n\treturn 1 / n\n}"}},
			Main:    "package main\n\nfunc half(n int) int {\n\treturn 1 / n\n}\n",
			Stderr:  "panic: runtime error: integer divide by zero\n\ngoroutine 1 [running]:\nmain.half(0)\n\t [[ Cell [1] Line 1 ]] /tmp/gonb_00000000/main.go:4 +0x52\nexit status 2\n"},
			[]string{"Panic in cell 2, line 3\n", "    3 │     return 1 / n\n"}},
		{"a line that was rewritten, which GoNB did not mark", Failure{Cell: "list := []int{}\nlist[0]", Number: 2, Value: "exit status 2",
			Given:  "var list = []int{}\nfunc main() { result.Show(list[0])\n}",
			Lines:  []int{1, 2, 0},
			Main:   "package main\n\nvar list = []int{}\n\nfunc main() { result.Show(list[0])\n}\n",
			Stderr: "panic: runtime error: index out of range [0] with length 0\n\ngoroutine 1 [running]:\nmain.main()\n\t/tmp/gonb_00000000/main.go:5 +0x52\nexit status 2\n"},
			[]string{"Panic in cell 2, line 2\n", "    2 │ list[0]\n", "      │     ^"}},
		{"the first line of a cell that was rewritten, which GoNB did not mark", Failure{Cell: "any(3).(string)", Number: 2,
			Given: "func main() { flag.Parse(); result.Value = any(3).(string)\nresult.Show()\n}", Lines: []int{1, 0, 0}, Value: "exit status 2",
			Main:   "package main\n\nfunc main() { flag.Parse(); result.Value = any(3).(string)\nresult.Show()\n}\n",
			Stderr: "panic: interface conversion: interface {} is int, not string\n\ngoroutine 1 [running]:\nmain.main()\n\t/tmp/gonb_00000000/main.go:3 +0x52\nexit status 2\n"},
			[]string{"Panic in cell 2, line 1\n", "    1 │ any(3).(string)\n      │       ^^"}},
		{"a variable, which GoNB did not mark", Failure{Cell: "// no list\nvar first = []int{}[0]", Number: 2, Value: "exit status 2",
			Main:   "package main\n\nvar (\n\tfirst = []int{}[0]\n)\n",
			Stderr: "panic: runtime error: index out of range [0] with length 0\n\ngoroutine 1 [running]:\nmain.init()\n\t/tmp/gonb_00000000/main.go:4 +0x52\nexit status 2\n"},
			[]string{"Panic in cell 2, line 2\n", "    2 │ var first = []int{}[0]\n"}},
		{"an earlier cell, which GoNB did not mark", Failure{Cell: "half(0)", Number: 4, Value: "exit status 2",
			Earlier: []Source{{Number: 3, Cell: "x := 1"}, {Number: 2, Cell: "// half\nfunc half(n int) int {\n\treturn 1 / n\n}"},
				{Number: 1, Cell: "func half(n int) int {\n\n\treturn 1 / n\n}"}},
			Main:   "package main\n\n// half\nfunc half(n int) int {\n\treturn 1 / n\n}\n",
			Stderr: "panic: runtime error: integer divide by zero\n\ngoroutine 1 [running]:\nmain.half(0)\n\t/tmp/gonb_00000000/main.go:5 +0x52\nexit status 2\n"},
			[]string{"Panic in cell 2, line 3\n", "    3 │     return 1 / n\n"}},
		{"a name that an earlier cell keeps to itself", Failure{Cell: "rate", Number: 4, Value: "# gonb_00000000\n./main.go:4:1: undefined: rate\n",
			Earlier: []Source{{Number: 3, Cell: "if rate := 1; rate > 0 {\n\trate := 2\n}"}, {Number: 2, Cell: "fmt.Println()\nrate, err := load()"}}},
			[]string{"Hint: Cell 2 has it for itself alone, as rate := stands behind other statements there. Write var rate = in that cell."}},
		{"a name that an earlier cell has below %%", Failure{Cell: "%%\nrate++", Number: 4, Value: "# gonb_00000000\n./main.go:4:1: undefined: rate\n",
			Earlier: []Source{{Number: 2, Cell: "%%\nvar rate = 3"}, {Number: 1, Cell: "rate := 3"}}},
			[]string{"Hint: Cell 2 has it for itself alone: what stands below %% is forgotten. Declare it above, by var rate =."}},
		{"a constant of a group of an earlier cell", Failure{Cell: "const b = 3", Number: 2, Value: "# gonb_00000000\n./main.go:8:7: b redeclared in this block\n\t./main.go:5:2: other declaration of b\n",
			Traceback: []string{"", "Cell[2]: Line 1\n)\n\nconst b = 3\n      ^\n\nb redeclared in this block"},
			Main:      "package main\n\nconst (\n\ta = iota\n\tb\n)\n\nconst b = 3\n",
			Earlier:   []Source{{Number: 1, Cell: "const (\n\ta = iota\n\tb\n)"}}},
			[]string{"Hint: Cell 1 declares it among other constants: change it there, and run that cell again."}},
		{"the same, which Go says of the other one", Failure{Cell: "const b = 3", Number: 2, Value: "# gonb_00000000\n./main.go:7:2: b redeclared in this block\n\t./main.go:3:7: other declaration of b\n",
			Traceback: []string{"", "Cell[1]: Line 3\nconst (\n\ta = iota\n\tb\n ^\n)\n\nb redeclared in this block"},
			Main:      "package main\n\nconst b = 3\n\nconst (\n\ta = iota\n\tb\n)\n",
			Earlier:   []Source{{Number: 1, Cell: "const (\n\ta = iota\n\tb\n)"}}},
			[]string{"cell 2, line 1", "      │       ^", "Hint: Cell 1 declares it among other constants: change it there, and run that cell again."}},
		{"a variable behind statements", Failure{Cell: "f()\nx := g()", Given: "func main() { flag.Parse(); f()\nx := g()\n}", Lines: []int{1, 2, 0}, Number: 1,
			Value:     "# gonb_00000000\n./main.go:6:1: declared and not used: x\n",
			Traceback: traceback("Cell[1]: Line 2\nfunc main() { flag.Parse(); f()\nx := g()\n^\n}\n\ndeclared and not used: x")},
			[]string{"If later cells are to know it, write var x = in place of x :="}},
		{"a goroutine of an earlier cell", Failure{Cell: "<-done", Number: 2, Value: "exit status 2",
			Earlier: []Source{{Number: 1, Cell: "done := make(chan bool)\ngo func() { done <- true }()"}},
			Stderr:  "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.main()\n\t [[ Cell [2] Line 1 ]] /tmp/gonb_00000000/main.go:5 +0x52\nexit status 2\n"},
			[]string{"Hint: A goroutine ends with the cell that starts it: start it in the cell that waits for it."}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.f.Name = "ERROR"
			text := Explain(test.f).Text() + "\n"
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("got\n%s\nwant %q in it", text, want)
				}
			}
		})
	}
}

// gonum/plot's formats are packages, which a cell has to import.
func TestPlotFormats(t *testing.T) {
	for format, name := range map[string]string{"png": "vgimg", "jpg": "vgimg", "svg": "vgsvg", "pdf": "vgpdf"} {
		text := Explain(Failure{Cell: "draw()", Number: 1, Name: "ERROR", Value: "exit status 2", Stderr: fmt.Sprintf(
			"panic: unsupported format: %q\n\ngoroutine 1 [running]:\nmain.main()\n\t [[ Cell [1] Line 1 ]] /tmp/gonb_00000000/main.go:5 +0x52\nexit status 2\n", format)}).Text()
		if want := `import _ "gonum.org/v1/plot/vg/` + name + `"`; !strings.Contains(text, want) {
			t.Errorf("%s: got\n%s\nwant %s in it", format, text, want)
		}
	}
}

// TestHuge gives Explain more than anybody wants to read.
func TestHuge(t *testing.T) {
	const size = 10 << 20
	long := strings.Repeat("a", size)
	frames := strings.Repeat("main.f(0x1)\n\t [[ Cell [1] Line 1 ]] /tmp/gonb_00000000/main.go:9 +0x5\n", size/64)
	tests := map[string]Failure{
		"a long stderr":     {Value: "exit status 1", Stderr: strings.Repeat("a line\n", size/7)},
		"one long line":     {Value: "exit status 1", Stderr: long},
		"a long panic":      {Value: "exit status 2", Stderr: "panic: " + long + "\n\ngoroutine 1 [running]:\n"},
		"a deep panic":      {Value: "exit status 2", Stderr: "panic: x\n\ngoroutine 1 [running]:\n" + frames},
		"many errors":       {Value: strings.Repeat("./main.go:1:1: undefined: x\n", size/28), Traceback: []string{long}},
		"a long error":      {Value: "./main.go:1:1: undefined: " + long},
		"a long line":       {Value: "./main.go:1:9: undefined: x", Main: long},
		"a long sentence":   {Value: "exit status 1", Card: long},
		"an unknown error":  {Value: long},
		"explained already": {Name: "Panic", Value: long, Traceback: strings.Split(strings.Repeat("line\n", size/5), "\n")},
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			f.Cell, f.Number = "%%\nf()", 1
			checkBounded(t, Explain(f))
		})
	}
}

// A message is explained once, however often Explain sees it.
func TestExplainedAlready(t *testing.T) {
	for _, s := range samples(t) {
		if s.Status == "ok" {
			continue
		}
		once := Explain(s.failure())
		if twice := Explain(Failure{Name: once.Name, Value: once.Value, Traceback: once.Traceback}); twice.Text() != once.Text() {
			t.Errorf("%s: got\n%s\nwant\n%s", s.Name, twice.Text(), once.Text())
		}
	}
}

// The packages that a hint names are there.
func TestPackages(t *testing.T) {
	for _, path := range ours {
		if _, err := os.Stat(filepath.Join("..", "..", "..", strings.TrimPrefix(path, "gopherlens/"))); err != nil {
			t.Error(err)
		}
	}
}

// A hint is withheld where it might be wrong.
func TestNoHint(t *testing.T) {
	tests := map[string]Failure{
		"the value stands in the next line": {Cell: "%%\nmean :=\n\t1 + 2", Number: 1,
			Value:     "# gonb_00000000\n./main.go:11:1: declared and not used: mean\n",
			Traceback: []string{"", "Cell[1]: Line 2\n\nmean :=\n^\n\t1 + 2\n\ndeclared and not used: mean"}},
		"an unknown message": {Cell: "%%\nf()", Number: 1, Value: "# gonb_00000000\n./main.go:11:1: cannot frobnicate f\n"},
	}
	for name, f := range tests {
		if text := Explain(f).Text(); strings.Contains(text, "Nothing stands") || name == "an unknown message" && strings.Contains(text, "Hint") {
			t.Errorf("%s: got\n%s", name, text)
		}
	}
}

// A full disk is the cause of a failure in whatever step it shows.
func TestDiskFull(t *testing.T) {
	for _, value := range []string{
		"cell 4: gonb_f74ea516: write /tmp/gopherlens-kernel-4011255107/go-build3552087965/b001/importcfg: no space left on device",
		"# gonb_f74ea516\nlink: writing output: write /tmp/x: no space left on device",
		"failed writing to \"x\": write /home/ada/x: disk quota exceeded",
	} {
		m := Explain(Failure{Cell: "x := 1", Number: 4, Name: "ERROR", Value: value})
		if m.Name != "Disk full" || m.Value != DiskFull+"." || !strings.Contains(m.Text(), "Go says: write /") {
			t.Errorf("of %q it says %q", value, m.Text())
		}
	}
}

// A notebook's earlier cells cost an error next to nothing, unless they have what it is about.
func TestEarlierCells(t *testing.T) {
	const text = "%%\nWWW := QQQ()\n_ = WWW\n"
	var earlier []Source
	for n := range 100 {
		earlier = append(earlier, Source{Number: n, GoNB: n, Cell: strings.Repeat(text, 20), Given: text, Lines: []int{1, 2, 3}})
	}
	for _, s := range samples(t) {
		f := s.failure()
		alone := testing.AllocsPerRun(1, func() { Explain(f) })
		f.Earlier = earlier
		if all := testing.AllocsPerRun(1, func() { Explain(f) }); all > alone+1000 {
			t.Errorf("%s: %.0f allocations after 100 cells, %.0f after none", s.Name, all, alone)
		}
	}
}

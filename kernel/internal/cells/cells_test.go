package cells

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden file anew")

// packages knows the standard library.
func packages(t testing.TB) *Packages {
	p := LoadPackages(func(arguments ...string) ([]byte, error) {
		return exec.CommandContext(t.Context(), "go", arguments...).Output()
	})
	if !p.wait(append([]string{"std"}, usual...), time.Minute) {
		t.Fatal("go list does not answer")
	}
	return p
}

// TestCells holds what becomes of each cell against the golden file, in which every section is a notebook.
func TestCells(t *testing.T) {
	const golden = "testdata/cells.txt"
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	known := packages(t)
	var got strings.Builder
	count := 0
	for _, section := range strings.Split(string(text), "=== ")[1:] {
		title, cells, _ := strings.Cut(section, "\n")
		got.WriteString("=== " + title + "\n")
		n := Notebook{Packages: known}
		for _, text := range strings.Split("\n"+cells, "\n--- ")[1:] {
			count++
			source, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(text, "\n"), "\n"), "\n>>>")
			if strings.HasPrefix(source, ">>>") {
				source = ""
			}
			c := n.Rewrite(source)
			fmt.Fprintf(&got, "--- \n%s\n>>>%s\n", source, describe(source, c))
			n.Ran(c, true)
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wants, gots := strings.Split(string(text), "\n"), strings.Split(got.String(), "\n")
	for i := range min(len(wants), len(gots)) {
		if !*update && wants[i] != gots[i] {
			t.Fatalf("%s:%d: got %q, want %q", golden, i+1, gots[i], wants[i])
		}
	}
	if count < 150 {
		t.Errorf("only %d cells", count)
	}
}

// describe says what a cell became.
func describe(source string, c Cell) string {
	var text strings.Builder
	if len(c.Declares) > 0 {
		fmt.Fprintf(&text, " declares %s;", strings.Join(c.Declares, ", "))
	}
	if len(c.Replaces) > 0 {
		fmt.Fprintf(&text, " replaces %s;", strings.Join(c.Replaces, ", "))
	}
	if c.Result {
		text.WriteString(" result;")
	}
	if c.Source == source {
		return text.String() + " unchanged"
	}
	// What comes after the cell's own lines is not worth saying.
	last := len(c.Lines)
	for last > 0 && c.Lines[last-1] == 0 {
		last--
	}
	for i, line := range c.Lines[:last] {
		if line != i+1 {
			fmt.Fprintf(&text, " lines %v", c.Lines[:last])
			break
		}
	}
	return text.String() + "\n" + c.Source
}

var seeds = []string{
	"", "x", "x := 3\nx", "%%\nx", "!ls \\\nx", "func f() {}\nf()", "`a\n%b\n`", "/* a\n*/ x := 1; y; // b", "a, err := f()\nb, err := g()",
	"f(\n1,\n)\nimport \"x\"\n", "if x { } else { }", "L:\nfor i := 0; ; { }", "package a\npackages = 1\nb", "\r\nx\r\n", "\xff\x00`", "a;;b;", "{ } }",
	"x\n!a \\", "func (r T) m[P any]() {}; func() {}()", "const (\n a = iota\n b\n)\nb", "//gonb:%%\nx", "var x = 1; x := 2",
	"%main\npackage\nx", "x // \\", "type t struct{}\nfunc main() {}\nx",
}

// FuzzRewrite tells that no cell makes Rewrite panic, and that it keeps the learner's text, line by line where Lines says.
func FuzzRewrite(f *testing.F) {
	for _, seed := range seeds {
		f.Add("x := 3\nfunc g() int { return x }\na, err := h()", seed)
	}
	f.Fuzz(func(t *testing.T, first, source string) {
		var n Notebook
		n.Ran(n.Rewrite(first), true)
		c := n.Rewrite(source)
		kept(t, source, c)
		n.Ran(c, true)
		again := Notebook{}
		if c := again.Rewrite(n.Source()); c.Source != n.Source() {
			t.Errorf("what the notebook declares is not only declarations: %q", n.Source())
		}
	})
}

// FuzzComplete tells that the parser accepts what is called complete, and that what is not begun is no error.
func FuzzComplete(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		status, indent := Complete(source)
		if strings.Trim(indent, " \t") != "" || status != "incomplete" && indent != "" {
			t.Errorf("%s, indent %q", status, indent)
		}
		if status != "complete" || languages[read(source).lines[0].command] {
			return
		}
		c := read(new(Notebook).Rewrite(Tidy(source)).Source)
		if _, err := parser.ParseFile(token.NewFileSet(), "", c.file(), 0); err != nil {
			t.Errorf("complete, but: %v in\n%s", err, c.file())
		}
	})
}

// added is what the learner's lines may have besides.
var added = []string{
	"import " + ResultName + ` "` + anyValue.path + `"; `, "import " + ResultName + ` "` + picture.path + `"; `,
	"import " + ResultName + ` "` + anyValue.path + `"`, "import " + ResultName + ` "` + picture.path + `"`, mainBegins,
	ResultName + "." + anyValue.variable + " = ", ResultName + "." + failure.variable + " = ", "_ = ", "`+`",
}

// kept tells whether all of a cell's text is still there: all of every line in lines that Lines says are that line,
// with nothing but what is documented besides, and in order but for what leaves the main function.
func kept(t *testing.T, source string, c Cell) {
	t.Helper()
	lines, was := strings.Split(c.Source, "\n"), strings.Split(source, "\n")
	if len(c.Lines) != len(lines) {
		t.Fatalf("%d lines, but Lines has %d", len(lines), len(c.Lines))
	}
	now := make([]string, len(was))
	last, jumps := 0, 0
	for i, line := range c.Lines {
		if line < 0 || line > len(was) {
			t.Fatalf("line %d is said to be %d of %d", i+1, line, len(was))
		}
		if line == 0 {
			continue
		}
		if line < last {
			jumps++
		}
		last = line
		now[line-1] += lines[i]
	}
	if jumps > 2 { // imports come first, declarations after the main function
		t.Errorf("%d jumps in %v", jumps, c.Lines)
	}
	hoisted := 0
	for i, is := range now {
		if c.Source != source {
			for _, text := range added {
				if text == "_ = " && strings.Count(is, ";") > strings.Count(was[i], ";") {
					is = again.ReplaceAllString(is, "")
				}
				if strings.Count(is, text) > strings.Count(was[i], text) {
					is = strings.Replace(is, text, "", 1)
				}
			}
		}
		for strings.Count(is, "var ") > strings.Count(was[i], "var ") {
			is = strings.Replace(is, "var ", "", 1)
			hoisted++
		}
		hoisted -= strings.Count(was[i], ":") - strings.Count(is, ":")
		if got, want := letters(is), letters(was[i]); got != want {
			t.Errorf("line %d was %q and is %q", i+1, was[i], now[i])
		}
	}
	if hoisted != 0 {
		t.Error("there are not as many var as := that became =")
	}
}

var again = regexp.MustCompile(`; _ = [\pL_][\pL\d_]*`)

// letters is a line without its spaces and what may be taken away, in an order that does not depend on what has moved.
func letters(line string) string {
	bytes := []byte(strings.NewReplacer(" ", "", "\t", "", ":", "", ";", "").Replace(line))
	slices.Sort(bytes)
	return string(bytes)
}

// TestNotebooks tells that the cells of GoNB's notebooks and of ours that begin a main function stay as they are: none
// of them ends with an expression that is no call.
func TestNotebooks(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb").Output()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, folder := range []string{filepath.Join(strings.TrimSpace(string(out)), "examples"), "../../../notebooks"} {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".ipynb" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			var notebook struct {
				Cells []struct {
					Type   string `json:"cell_type"`
					Source any
				}
			}
			if err := json.Unmarshal(text, &notebook); err != nil {
				return err
			}
			var n Notebook
			for i, cell := range notebook.Cells {
				source := ""
				switch s := cell.Source.(type) {
				case string:
					source = s
				case []any:
					for _, line := range s {
						source += line.(string)
					}
				}
				if cell.Type != "code" {
					continue
				}
				count++
				c := n.Rewrite(source)
				n.Ran(c, true)
				kept(t, source, c)
				layout := read(source)
				if c.Source != source && (layout.fixed || layout.main >= 0) {
					t.Errorf("%s: cell %d became\n%s", path, i, c.Source)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if count < 200 {
		t.Errorf("only %d cells", count)
	}
}

// TestHuge takes apart what no person has written, which must not take minutes.
func TestHuge(t *testing.T) {
	for _, line := range []string{"x := 3; f(x)\n", "x = y;;\n", "for x; {} ", ";", "((", "`\n/*\n*/", "\u00a0", "func f(a int) { g(a) }\n"} {
		source := Tidy(strings.Repeat(line, 1<<20/len(line)))
		var n Notebook
		c := n.Rewrite(source)
		n.Ran(c, true)
		if len(c.Declares) > 0 || c.Result {
			t.Errorf("%q again and again declares %d names, result %v", line, len(c.Declares), c.Result)
		}
	}
}

func TestTidy(t *testing.T) {
	for source, want := range map[string]string{
		"":                        "",
		"\ufeffx := 3\nx":         "x := 3\nx",
		"%%\r\nx := `a\r\nb`\r\n": "%%\nx := `a\nb`\n",
		"\u00a0\u00a0x\u00a0:=\u20033\u200b\n\ufeffx": "  x := 3\nx",
		"x := \"\u00a0\" // \u00a0\n`\u200b`\u00a0":   "x := \"\u00a0\" // \u00a0\n`\u200b` ",
		"!echo '\u00a0\nx\u00a0":                      "!echo '\u00a0\nx ",
		"%%writefile a\n\u00a0":                       "%%writefile a\n\u00a0",
		"π := 3 × 4":                                  "π := 3 × 4",
	} {
		if got := Tidy(source); got != want {
			t.Errorf("%q is %q, want %q", source, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	for source, want := range map[string][2]string{
		"":                                   {"complete", ""},
		"x := 3":                             {"complete", ""},
		"fmt.Println(1)\nfunc f() {}":        {"complete", ""},
		"%%\nx := 3\nx":                      {"complete", ""},
		"%%writefile a\n{{{":                 {"complete", ""},
		"!ls":                                {"complete", ""},
		"!ls \\":                             {"incomplete", ""},
		"\ufeff%%\r\nx := 3\r\nx":            {"complete", ""},
		"s := `\n%%\n!x\n`":                  {"complete", ""},
		"/*\n%%\n*/\nx := 5;;":               {"complete", ""},
		"s := `\n%%":                         {"incomplete", ""},
		"func f() {":                         {"incomplete", "    "},
		"func f() {\n    if x {":             {"incomplete", "        "},
		"func f() {\n\tif x {":               {"incomplete", "\t\t"},
		"func f() {\n\tif x {\n\t\ty()":      {"incomplete", "\t\t"},
		"func f() {\n\tif x {\n\t\ty()\n\t}": {"incomplete", "\t"},
		"switch x {\ncase 1:":                {"incomplete", "    "},
		"switch x {\ndefault:":               {"incomplete", "    "},
		"if x {\n} else {":                   {"incomplete", "    "},
		"x := f(":                            {"incomplete", "    "},
		"x := f(a,":                          {"incomplete", "    "},
		"x := f(\n\ta,":                      {"incomplete", "\t"},
		"x := []int{":                        {"incomplete", "    "},
		"x :=":                               {"incomplete", "    "},
		"x := 1 +":                           {"incomplete", "    "},
		"a,":                                 {"incomplete", ""},
		"strings.":                           {"incomplete", "    "},
		"s := `a":                            {"incomplete", ""},
		"/* a":                               {"incomplete", ""},
		"// a {":                             {"complete", ""},
		"s := \"{\"":                         {"complete", ""},
		"s := \"a":                           {"invalid", ""},
		"x)":                                 {"invalid", ""},
		"(x]":                                {"invalid", ""},
		"x y":                                {"invalid", ""},
		"if x":                               {"invalid", ""},
		"fmt.Println(1)\n%%\nx":              {"invalid", ""},
	} {
		if status, indent := Complete(source); status != want[0] || indent != want[1] {
			t.Errorf("%q is %s, indent %q; want %s, %q", source, status, indent, want[0], want[1])
		}
	}
}

// BenchmarkRewrite is a cell with a result whose type has to be found, in a notebook of fifty functions.
func BenchmarkRewrite(b *testing.B) {
	n := Notebook{Packages: packages(b)}
	for i := range 50 {
		n.Ran(n.Rewrite(fmt.Sprintf("func f%d(x float64) float64 {\n\tif x > 0 {\n\t\treturn math.Sqrt(x)\n\t}\n\treturn strings.Count(fmt.Sprint(x))\n}\nv%d := f%d(3)", i, i, i)), true)
	}
	for b.Loop() {
		if !n.Rewrite("x := v3 + 1\nfor i := range 3 {\n\tfmt.Println(i)\n}\nf7(x)").Result {
			b.Fatal("no result")
		}
	}
}

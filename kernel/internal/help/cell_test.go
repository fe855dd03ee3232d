package help

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestPositions follows a cursor, written as ‸, into the file and back.
func TestPositions(t *testing.T) {
	tests := []struct {
		name, cell string
		text       string // of the line in the file
		unit       int    // of the cursor there; -1 where the line is not Go
	}{
		{"statement", "fmt.‸", "fmt.", 4},
		{"after %%", "%%\ncell.Show‸(1)", "cell.Show(1)", 9},
		{"command", "%l‸s", "", -1},
		{"begin", "‸x", "x", 0},
		{"empty", "‸", "", 0},
		{"emoji before", "s := \"🐹\" + fmt.‸Sprint()", "s := \"🐹\" + fmt.Sprint()", 16},
		{"emoji on the line before", "s := \"🐹🐹\"\ns‸", "s", 1},
		{"combined emoji", "s := \"👩🏽‍🔬\"; s‸", "s := \"👩🏽‍🔬\"; s", 17},
		{"greek", "θ := 1\nθ‸", "θ", 1},
		{"tabs", "for {\n\t\tfmt.‸\n}", "\t\tfmt.", 6},
		{"CRLF", "a := 1\r\nfmt.‸\r\nb", "fmt.\r", 4},
		{"a declaration after a statement", "x := 1\nfunc f() {\n\tcell.‸\n}", "\tcell.", 6},
		{"a statement after a declaration", "func f() {}\n\nf‸()", "f()", 1},
		{"shell lines", "!ls \\\n  -l\n%%\nx‸", "x", 1},
		{"within a raw string", "s := `\n🐹‸\n`", "🐹", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cell, cursor := marked(t, test.cell)
			s := layOut(cell, "")
			line, column := s.locate(cursor)
			if back := s.at(line, column); back != cursor {
				t.Errorf("cursor %d is at line %d, byte %d, which is %d", cursor, line, column, back)
			}
			at, ok := s.position(line, column)
			if !ok || test.unit < 0 {
				if ok || test.unit >= 0 {
					t.Fatalf("the line is Go: %t", ok)
				}
				return
			}
			if text := strings.Split(s.text, "\n")[at.Line]; text != test.text || at.Character != test.unit {
				t.Errorf("the cursor is at %d of %q, wanted %d of %q", at.Character, text, test.unit, test.text)
			}
			if back, ok := s.cursor(at); !ok || back != cursor {
				t.Errorf("position %v is cursor %d, wanted %d", at, back, cursor)
			}
		})
	}
}

func TestCursorOutside(t *testing.T) {
	for _, cursor := range []int{-5, 99} {
		s := layOut("ab\nc", "")
		line, column := s.locate(cursor)
		if at := s.at(line, column); at != min(max(cursor, 0), 4) {
			t.Errorf("cursor %d is taken for %d", cursor, at)
		}
	}
	for _, p := range []position{{-1, 0}, {0, 0}, {99, 0}} {
		if _, ok := layOut("ab", "").cursor(p); ok {
			t.Errorf("%v is in the cell", p)
		}
	}
}

// marked is a cell without its mark ‸, and where that was.
func marked(t *testing.T, cell string) (string, int) {
	t.Helper()
	before, after, found := strings.Cut(cell, "‸")
	if !found {
		t.Fatalf("no cursor in %q", cell)
	}
	return before + after, len([]rune(before))
}

func TestLayOut(t *testing.T) {
	tests := []struct{ name, cell, want string }{
		{"statements", "x := 1\nx++", "func init() {\nx := 1\nx++\n}"},
		{"mixed", "x := 1\n// f adds.\nfunc f() {}\nf()\nimport \"fmt\"",
			"import \"fmt\"\n// f adds.\nfunc f() {}\nfunc init() {\nx := 1\nf()\n}"},
		{"declared before, local after", "var a = 1\nb := a\nvar c = b", "var a = 1\nfunc init() {\nb := a\nvar c = b\n}"},
		{"a program", "type t int\n%%\nvar a = 1", "type t int\nfunc init() {\nvar a = 1\n}"},
		{"open brackets", "if x {\n\tf(a[", "func init() {\nif x {\n\tf(a[\n])}\n}"},
		{"an unfinished function", "func f() {\n\tg(\n\nfunc h() {}", "func f() {\n\tg(\n)}\nfunc h() {}\nfunc init() {\n}"},
		{"a function literal", "func() { f() }()", "func init() {\nfunc() { f() }()\n}"},
		{"a method", "func (a A) b() int { return 1 }", "func (a A) b() int { return 1 }\nfunc init() {\n}"},
		{"two on a line", "f(); var x = 1", "func init() {\nf(); var x = 1\n}"},
		{"too many brackets", ")}]x", "func init() {\n)}]x\n}"},
		{"not Go", "%%bash\nls $x", "func init() {\n}"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := layOut(test.cell, "").text
			var lines []string
			for _, line := range strings.Split(text, "\n")[1:] {
				if line != "" {
					lines = append(lines, line)
				}
			}
			if got := strings.Join(lines, "\n"); got != test.want {
				t.Errorf("got\n%s\nwanted\n%s", got, test.want)
			}
		})
	}
}

func TestDeclare(t *testing.T) {
	d := declare("func f() {}\nimport \"math/rand/v2\"\nvar a, b = f()\nimport m \"math\"\ntype (t int)\nfunc (t) f() {}", nil)
	file, err := parser.ParseFile(token.NewFileSet(), "", d.text, 0)
	if err != nil {
		t.Fatalf("%v in\n%s", err, d.text)
	}
	if len(file.Imports) != 2 {
		t.Errorf("imports are %v", file.Imports)
	}
	if got := strings.Join(d.names, " "); got != "f a b t" {
		t.Errorf("it declares %q", got)
	}
	// The paths stay the same whatever the cell declares, so that gopls need not look for packages again.
	packages := map[string]string{"rand": `"math/rand/v2"`, "cell": `"gopherlens/mlkit/cell"`, "a": `"x/a"`}
	text := d.file("cell := 1\nimport \"gopherlens/mlkit/cell\"\n", packages).text
	if want := `import ("math/rand/v2"; _ "gopherlens/mlkit/cell"; _ "x/a"; m "math")`; !strings.Contains(text, want) {
		t.Errorf("the cell's file lacks %s:\n%s", want, text)
	}
}

// FuzzLayOut looks for cells that lose a line or a cursor.
func FuzzLayOut(f *testing.F) {
	for _, seed := range []string{"x := 1\nfunc f() {\n", "%%\n🐹\r\n`", "import (\n", "func f() {\nfunc g(", "!a\\\nb\n/* c", "import.A0", "\x00\xff"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, cell string, cursor int) {
		cell = strings.ToValidUTF8(cell, "\uFFFD") // as all JSON is
		decls := declare(cell, map[string]string{"fmt": `"fmt"`})
		s := decls.file(cell, map[string]string{"fmt": `"fmt"`})
		for i, line := range s.lines {
			if line >= 0 && s.from[line] != i {
				t.Errorf("line %d of the cell is line %d of the file, which is line %d of the cell", i, line, s.from[line])
			}
		}
		line, column := s.locate(cursor)
		at, ok := s.position(line, column)
		if !ok {
			return
		}
		if back, ok := s.cursor(at); !ok || back != s.at(line, column) {
			t.Errorf("cursor %d comes back as %d", s.at(line, column), back)
		}
		s.name(line, column)
		s.callee(at)
		(&Server{}).known(s, decls, line, column)
	})
}

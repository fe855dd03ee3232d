package door

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func TestMemory(t *testing.T) {
	var m memory
	for _, cell := range []string{
		"import (\n\t\"fmt\"\n\tm \"math\"\n)\n%%\nfmt.Println(m.Pi)",
		"// half halves.\nfunc half(n int) int { return n / 2 }\n\n%cd /tmp\n!ls",
		"type T struct{ a int }\n\nfunc (t *T) String() string { return \"a\" }\nvar x, y = 1, 2\nvar z = half(4)",
		"const (\n\tA = iota\n\tB\n\tC\n)\nfunc main() {}",
		"var z = 5",
		"const B = 7",
		"var y = 3", // GoNB forgets x, too
		"x := 1",    // no declaration
		"%%writefile a.txt\nvar w = 1",
		"%%\nvar inside = 1",
	} {
		m.add(cell)
	}
	source := m.source()
	if _, err := parser.ParseFile(token.NewFileSet(), "", "package main\n"+source, parser.AllErrors); err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	for _, want := range []string{`import "fmt"`, `import m "math"`, "// half halves.\nfunc half(", "func (t *T) String()",
		"var z = 5", "var y = 3", "const B = 7", "_\n\tC", "type T struct"} {
		if !strings.Contains(source, want) {
			t.Errorf("%q is missing in\n%s", want, source)
		}
	}
	for _, wrong := range []string{"half(4)", "x, y", "inside", "main", "var w"} {
		if strings.Contains(source, wrong) {
			t.Errorf("%q is in\n%s", wrong, source)
		}
	}
	if len(m.commands) != 1 || m.commands[0] != "%cd /tmp" {
		t.Errorf("the commands are %q", m.commands)
	}
	if got := m.of([]string{"z"}); got != "var z = 5" {
		t.Errorf("z is declared by %q", got)
	}
	if got := variables("var a, b = f()\nfunc c() {}\nvar (\n\td int\n\t_ = 1\n)"); strings.Join(got, " ") != "a b d" {
		t.Errorf("the variables are %q", got)
	}
}

package door

import (
	"os"
	"strings"
	"testing"

	"gopherlens/kernel/internal/goenv"
	"gopherlens/kernel/internal/mistakes"
	"gopherlens/kernel/labtest"
)

// Mistakes are found in the learner's cells, however GoNB counts them: some cells are not stored, some it never sees,
// and some it is told again, when a var has panicked or when it has started again.
func TestPlaces(t *testing.T) {
	lab := labtest.Clone(t)
	g, err := goenv.Read(lab)
	if err != nil {
		t.Fatal(err)
	}
	config := config(connection(t))
	config.GoNB = []string{lab.Bin("gonb"), "-logtostderr=true", "-go_work=" + lab.Root, "-raw_error"}
	config.Env = goenv.Cell(os.Environ(), lab, g)
	c := run(t, config)
	const half = "func half(n int) int {\n\treturn 6 / n\n}"
	const inHalf = "Panic in cell 2, line 4\n…    4 │     return 6 / n\n"
	const deep = "func deep(n int) int { return deep(n+1) + 1 }\nfmt.Println(deep(0))"
	for _, cell := range []struct {
		source string
		more   []any
		want   string // the error's parts, with … between
	}{
		{source: "?fmt.Println"},
		{source: "// half halves nothing.\n\n" + half + "\nfmt.Println(half(3))"},
		{source: "x := 1\nfmt.Println(x)\nhalf(0)\ny", want: "cell 3, line 4\n…    4 │ y\n      │ ^\n"},
		{source: "fmt.Println(1)\nfmt.Println(half(0))", want: inHalf + "…called from cell 4, line 2\n"},
		{source: "fmt.Println(1)\nz", more: []any{"store_history", false}, want: "line 2\n…    2 │ z\n"},
		{source: "func twice(n int) int { return 2 * n }", more: []any{"silent", true}},
		{source: "fmt.Println(2)\nfmt.Println(half(0))", more: []any{"store_history", false}, want: inHalf + "…line 2\n"},
		{source: "\nvar broken = []int{}[twice(half(3))]", want: "cell 5, line 2\n"},
		{source: "\nfmt.Println(half(0))", want: inHalf + "…called from cell 6, line 2\n"},
		{source: "!kill -9 $PPID", want: "GoNB, ended"},
		{source: "fmt.Println(3)\n\nfmt.Println(half(0))", want: inHalf + "…called from cell 8, line 3\n"},
		{source: "fmt.Println(3)\nz", want: "cell 9, line 2\n…    2 │ z\n      │ ^\n"},
		// What a function is called may have been a variable, unless the function is none.
		{source: "sum := 1"},
		{source: "func sum(x int) int {\n\treturn x\n}\nfmt.Println(sum(2))"},
		{source: "const sum = nothing\nfmt.Println(sum)", want: "cell 12, line 1\n"},
		{source: "fmt.Println(sum(3))"},
		{source: deep, want: "Stack overflow in cell 14, line 1\n"},
		{source: "c := make(chan int)\nfor range 5000 {\n\tgo func() { <-c }()\n}\ntime.Sleep(100 * time.Millisecond)\npanic(\"enough\")", want: "Panic in cell 15, line 6\nenough\n"},
	} {
		got := c.reply(c.execute(cell.source, cell.more...))
		var lines []string
		traceback, _ := got["traceback"].([]any)
		for _, line := range traceback {
			lines = append(lines, mistakes.Plain(line.(string)))
		}
		text := strings.Join(lines, "\n") + "\n"
		if (got["status"] == "ok") != (cell.want == "") {
			t.Errorf("%q: %v, %s", cell.source, got["status"], text)
		}
		rest := text
		for part := range strings.SplitSeq(cell.want, "…") {
			_, after, found := strings.Cut(rest, part)
			if !found {
				t.Errorf("%q: got\n%s\nwant %q in it", cell.source, text, cell.want)
				break
			}
			rest = after
		}
	}
}

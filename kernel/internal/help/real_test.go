package help

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/goenv"
)

// lesson is what the notebook about digits declares.
const lesson = `import (
	"fmt"

	"gopherlens/mlkit/cell" // shows things below a cell
	"gopherlens/mlkit/mnist"
	"gopherlens/mlkit/nn"
)

var digits = mnist.LoadOrSynthetic()
var network = nn.Sequential("digits", nn.Dense{Units: 10})

// half is a half of n.
func half(n int) float64 { return float64(n) / 2 }
import "math/rand/v2"
var chance = rand.New(rand.NewPCG(1, 2))
var plot = 1
`

// start starts a server with the gopls that set-up has built.
func start(t testing.TB) *Server {
	c, err := clone.Find()
	if err != nil {
		t.Fatal(err)
	}
	g, err := goenv.Read(c)
	if err != nil {
		t.Skip(err)
	}
	if _, err := os.Stat(c.Bin("gopls")); err != nil {
		t.Skip("gopls is not built: run scripts/lab")
	}
	s, err := Start(context.Background(), c.Bin("gopls"), goenv.Cell(os.Environ(), c, g), c.Root, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.Declare(lesson)
	return s
}

// warm waits until gopls answers.
func warm(t testing.TB, s *Server) {
	for range 200 {
		if s.session.warm() {
			return
		}
		s.Complete(context.Background(), "x", 1)
	}
	t.Fatal("gopls does not answer")
}

// again asks until there is an answer: on a busy machine gopls may take longer than a person waits.
func again(ask func() bool) bool {
	for range 20 {
		if ask() {
			return true
		}
	}
	return false
}

func TestComplete(t *testing.T) {
	s := start(t)
	warm(t, s)
	tests := []struct {
		name, cell string
		want       []string // among the matches
		replaced   string
	}{
		{"a package of the lesson", "%%\nnn.Den‸", []string{"Dense"}, "Den"},
		{"a variable of the notebook", "network.Pr‸", []string{"Predict"}, "Pr"},
		{"a function of the notebook", "fmt.Println(hal‸", []string{"half"}, "hal"},
		{"a local variable", "%%\nfor index := range 3 {\n\tfmt.Println(ind‸)\n}", []string{"index"}, "ind"},
		{"inside a name", "cell.Sh‸ow(1)", []string{"Show"}, "Show"},
		{"behind emoji", "s := \"🐹🐹\" + fmt.Spri‸", []string{"Sprint", "Sprintf", "Sprintln"}, "Spri"},
		{"tabs and CRLF", "%%\r\nif true {\r\n\t\tfmt.Printl‸\r\n}", []string{"Println"}, "Printl"},
		{"a field", "nn.Dense{Un‸}", []string{"Units"}, "Un"},
		{"a type of this cell", "type mine struct{ field int }\nm := mine{}\nm.‸", []string{"field"}, ""},
		{"a function of this cell", "x := 1\nfunc added(a int) int { return a }\nadd‸", []string{"added"}, "add"},
		{"redefined", "var network = \"text\"\nfunc f() { networ‸ }", []string{"network"}, "networ"},
		{"not imported, of Go", "strings.ToUp‸", []string{"ToUpper"}, "ToUp"},
		{"not imported, of the lesson", "explore.Neu‸", []string{"Neuron"}, "Neu"},
		{"a generic method", "chance.‸", []string{"IntN", "N"}, ""},
		{"a declared name that a package has", "plo‸", []string{"plot"}, "plo"},
		{"a new import", "import \"text/tabwriter\"\ntabwriter.NewW‸", []string{"NewWriter"}, "NewW"},
		{"a command", "%ca‸", []string{"%capture"}, "%ca"},
		{"commands for the whole cell", "%%w‸", []string{"%%writefile"}, "%%w"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cell, cursor := marked(t, test.cell)
			var matches []string
			var metadata map[string]any
			if !again(func() bool {
				var start, end int
				matches, start, end, metadata = s.Complete(t.Context(), cell, cursor)
				has := true
				for _, want := range test.want {
					has = has && slices.Contains(matches, want)
				}
				return has && string([]rune(cell)[start:end]) == test.replaced
			}) {
				t.Errorf("got %v", matches)
			}
			if n := len(metadata["_jupyter_types_experimental"].([]map[string]any)); n != len(matches) {
				t.Errorf("%d kinds for %d matches", n, len(matches))
			}
		})
	}
	t.Run("none", func(t *testing.T) {
		for _, test := range []string{"!ls fm‸", "%cd fm‸", "%%bash\nfm‸", "// fm‸"} {
			cell, cursor := marked(t, test)
			if !again(func() bool {
				matches, start, end, _ := s.Complete(t.Context(), cell, cursor)
				return len(matches) == 0 && start == cursor && end == cursor
			}) {
				t.Errorf("%q has matches", test)
			}
		}
	})
}

func TestInspect(t *testing.T) {
	s := start(t)
	warm(t, s)
	tests := []struct {
		name, cell string
		detail     int
		want       []string // in the plain text
	}{
		{"a function with an example", "cell.Sh‸ow(1)", 0, []string{"func cell.Show(values ...any)\n", "below the cell", "Example\n\ncell.Show("}},
		{"a type that an example uses", "nn.Conv‸2D{}", 0, []string{"type Conv2D struct", "Example\n\n", "nn.Conv2D{"}},
		{"behind a name", "fmt.Println‸", 0, []string{"func fmt.Println(a ...any)"}},
		{"in a call", "nn.Sequential(\"a\", ‸)", 0, []string{"func nn.Sequential(", "Sequential starts", "Next: layers ...nn.Layer"}},
		{"in a call of a method, unfinished", "%%\nnetwork.Predict(‸", 0, []string{"Predict(", "Next: x *array.Array"}},
		{"in a call within a call", "fmt.Println(half(‸), 2)", 0, []string{"func half(n int) float64", "half is a half of n.", "Next: n int"}},
		{"in a literal within a call", "nn.Sequential(\"🐹\", nn.Dense{‸})", 0, []string{"Sequential starts"}},
		{"a notebook's function and its code", "ha‸lf(1)", 1, []string{"Code (declared in the notebook)", "return float64(n) / 2"}},
		{"a function of this cell", "// f is here.\nfunc f() int { return 7 }\nf‸()", 1, []string{"f is here.", "declared in this cell", "return 7"}},
		{"the code of a library", "cell.Must‸(1, nil)", 1, []string{"Code (cell", "func Must["}},
		{"a local variable", "%%\nweight := 1.5\nfmt.Println(wei‸ght)", 0, []string{"var weight float64"}},
		{"a package", "n‸n.Dense{}", 0, []string{"package nn"}},
		{"a command", "%cap‸ture x", 0, []string{"%capture [-a] path: copies"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cell, cursor := marked(t, test.cell)
			var mime map[string]string
			found := again(func() (found bool) {
				mime, found = s.Inspect(t.Context(), cell, cursor, test.detail)
				return found
			})
			if !found || len(mime) != 2 {
				t.Fatalf("found %v", mime)
			}
			for _, want := range test.want {
				if !strings.Contains(mime["text/plain"], want) {
					t.Errorf("lacks %q:\n%s", want, mime["text/plain"])
				}
			}
			if strings.Contains(mime["text/markdown"], "file:") {
				t.Errorf("has a link that a browser cannot open:\n%s", mime["text/markdown"])
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		for _, test := range []string{"‸", "1 +‸ 2", "!ls‸", "%%bash\nls‸", "nothing‸"} {
			cell, cursor := marked(t, test)
			if mime, found := s.Inspect(t.Context(), cell, cursor, 0); found {
				t.Errorf("%q: got %v", test, mime)
			}
		}
	})
}

// BenchmarkFirst measures from a kernel's start to the first answer, and to gopls's first.
func BenchmarkFirst(b *testing.B) {
	var first time.Duration
	for b.Loop() {
		began := time.Now()
		s := start(b)
		if matches, _, _, _ := s.Complete(b.Context(), "nn.", 3); !slices.Contains(matches, "Conv2D") {
			b.Fatal("no match")
		}
		first += time.Since(began)
		warm(b, s)
		s.Close()
	}
	b.ReportMetric(first.Seconds()*1000/float64(b.N), "ms/first")
}

// BenchmarkComplete is the time that a completion takes while somebody writes.
func BenchmarkComplete(b *testing.B) {
	s := start(b)
	warm(b, s)
	for _, cell := range []string{"%%\ncell.", "%%\nnn."} {
		b.Run(strings.TrimSpace(cell[2:]), func(b *testing.B) {
			var times []time.Duration
			for i := 0; b.Loop(); i++ {
				text := strings.Repeat("_ = 1\n", i%2) + cell // a text that gopls has not seen
				began := time.Now()
				if matches, _, _, _ := s.Complete(b.Context(), text, len(text)); len(matches) == 0 {
					b.Fatal("no match")
				}
				times = append(times, time.Since(began))
			}
			slices.Sort(times)
			b.ReportMetric(times[len(times)/2].Seconds()*1000, "ms/median")
			b.ReportMetric(times[len(times)*9/10].Seconds()*1000, "ms/p90")
		})
	}
}

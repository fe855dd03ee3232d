package cells

import (
	"slices"
	"testing"
)

func TestImports(t *testing.T) {
	const notebook = `{"cells": [
  {"cell_type": "code", "source": ["import (\n", "\t\"fmt\" // prints (and more)\n", "\tm \"math\"\n", ")\n", "%%\n", "fmt.Println(m.Pi)"]},
  {"cell_type": "markdown", "source": "import \"nowhere\""},
  {"cell_type": "code", "source": "import . \"gopherlens/mlkit/nn\"\nimport \"fmt\"\nx := \"import\""},
  {"cell_type": "code", "source": "!ls\nimport \"os\"\nimport (\n\t\"errors\"\n\t\"unfinished"},
  {"cell_type": "code", "source": "import \"-toolexec=evil\""},
  {"cell_type": "code", "source": 5}
]}`
	if got, want := Imports([]byte(notebook)), []string{"errors", "fmt", "gopherlens/mlkit/nn", "math", "os"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, text := range []string{"no notebook", `{"cells": 3`, ""} {
		if got := Imports([]byte(text)); got != nil {
			t.Errorf("%q imports %q", text, got)
		}
	}
}

package start

import (
	"slices"
	"testing"
)

func TestImports(t *testing.T) {
	const notebook = `{"cells": [
  {"cell_type": "code", "source": ["import (\n", "\t\"fmt\"\n", "\tm \"math\"\n", ")\n", "%%\n", "fmt.Println(m.Pi)"]},
  {"cell_type": "markdown", "source": "import \"nowhere\""},
  {"cell_type": "code", "source": "import . \"gopherlens/mlkit/nn\"\nimport \"fmt\"\nx := \"import\""},
  {"cell_type": "code", "source": "import \"-toolexec=evil\""},
  {"cell_type": "code", "source": 5}
]}`
	if got, want := imports([]byte(notebook)), []string{"fmt", "gopherlens/mlkit/nn", "math"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := imports([]byte("no notebook")); got != nil {
		t.Errorf("got %q from what is no notebook", got)
	}
}

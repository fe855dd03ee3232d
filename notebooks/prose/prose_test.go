package prose

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func ExampleText() {
	for _, block := range Text("# Filters\n\nA *filter* is\na table: `[3][3]float32`.\n\n| size | use |\n|---|---|\n| 3 | edges |") {
		fmt.Printf("%q\n", block)
	}
	// Output:
	// "Filters"
	// "A filter is a table: ."
	// "size"
	// "use"
	// "3"
	// "edges"
}

func TestText(t *testing.T) {
	got := Text("a <b>b</b> [c](d)\n\n```go\ne\n```\n\n```quiz\nWhat?\n\n- [ ] this\n  No.\n- [x] that\n  Yes.\n```\n\n<details>f</details>\n\n![g](h)\n\n> i")
	if want := []string{"a b c", "What?", "this No.", "that Yes.", "g", "i"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestEase(t *testing.T) {
	// Three sentences, as a block ends one, with seven words, of a syllable each.
	if got, want := Ease([]string{"The cat sat. A dog", "ran home!"}), 206.835-1.015*7/3-84.6; math.Abs(got-want) > 1e-9 {
		t.Errorf("got %v, want %v", got, want)
	}
	easy, hard := Ease([]string{"The cat sat on the mat."}), Ease([]string{"Convolutional architectures necessitate considerable computational resources."})
	if easy < 100 || hard > 0 {
		t.Errorf("an easy sentence has %.0f, a hard one %.0f", easy, hard)
	}
}

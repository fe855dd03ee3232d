// Package prose finds what there is to read in Markdown, and says how easily it reads.
//
//	text := prose.Text("# Filters\n\nA *filter* is a small table, as `[3][3]float32`.")
//	fmt.Printf("%.0f", prose.Ease(text)) // of "Filters" and "A filter is a small table, as ."
package prose

import (
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Text returns the words of a Markdown text, without code, addresses and HTML: a string for each paragraph, heading,
// item and cell of a table. A quiz, as notebooks/source has them, is Markdown too.
func Text(markdown string) (blocks []string) {
	source := []byte(markdown)
	var block strings.Builder
	parser := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()
	ast.Walk(parser.Parse(text.NewReader(source)), func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := node.(type) {
		case *ast.Text:
			if entering {
				block.Write(n.Value(source))
				if n.SoftLineBreak() || n.HardLineBreak() {
					block.WriteByte(' ')
				}
			}
		case *ast.CodeSpan, *ast.AutoLink:
			return ast.WalkSkipChildren, nil
		case *ast.FencedCodeBlock:
			if entering && string(n.Language(source)) == "quiz" {
				blocks = append(blocks, Text(string(n.Lines().Value(source)))...)
			}
			return ast.WalkSkipChildren, nil
		}
		if !entering && node.Type() == ast.TypeBlock && block.Len() > 0 {
			blocks = append(blocks, block.String())
			block.Reset()
		}
		return ast.WalkContinue, nil
	})
	return blocks
}

// Ease returns the reading ease of a text, from 100 for very easy to 0 for very hard: 206.835 − 1.015 words a sentence
// − 84.6 syllables a word (Flesch, "A new readability yardstick", 1948). Syllables are counted as groups of vowels,
// without an e at the end.
func Ease(blocks []string) float64 {
	var sentences, words, syllables float64
	for _, block := range blocks {
		for _, sentence := range strings.FieldsFunc(block, func(r rune) bool { return strings.ContainsRune(".!?:;", r) }) {
			before := words
			for _, word := range strings.FieldsFunc(sentence, func(r rune) bool { return !unicode.IsLetter(r) && r != '’' && r != '\'' }) {
				word = strings.TrimSuffix(strings.ToLower(word), "e")
				vowels := strings.FieldsFunc(word, func(r rune) bool { return !strings.ContainsRune("aeiouy", r) })
				words++
				syllables += max(1, float64(len(vowels)))
			}
			if words > before {
				sentences++
			}
		}
	}
	return 206.835 - 1.015*words/sentences - 84.6*syllables/words
}

package prose

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestSpelling looks up the words of the notebooks, the README, CONTRIBUTING and the packages' docs in Debian's British
// dictionary and in testdata/words.txt, which has the field's.
func TestSpelling(t *testing.T) {
	if _, err := exec.LookPath("hunspell"); err != nil {
		t.Skip("skipped: needs hunspell and its dictionary en_GB (on Debian and Ubuntu: sudo apt install hunspell hunspell-en-gb)")
	}
	const root = "../.."
	texts := map[string][]string{} // by file or package
	markdown, err := filepath.Glob(root + "/notebooks/source/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(markdown, root+"/README.md", root+"/CONTRIBUTING.md") {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = Text(string(data))
	}
	packages := map[string]bool{} // their names, which are no words
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); path != root && name[0] == '.' || name == "testdata" {
			return filepath.SkipDir
		}
		packages[entry.Name()] = true
		texts[path], err = docs(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	where := map[string]string{} // each word, and a place that has it
	for path, blocks := range texts {
		for _, block := range blocks {
			for _, word := range plainWords(block) {
				if packages[word] {
					continue
				}
				where[word] = strings.TrimPrefix(filepath.ToSlash(path), root+"/")
			}
		}
	}
	check := exec.Command("hunspell", "-l", "-i", "utf-8", "-d", "en_GB", "-p", "testdata/words.txt")
	check.Stdin = strings.NewReader(strings.Join(slices.Sorted(maps.Keys(where)), "\n") + "\n")
	unknown, err := check.CombinedOutput()
	if err != nil || strings.Contains(string(unknown), "Can't open") {
		t.Skip("skipped: needs hunspell's dictionary en_GB (on Debian and Ubuntu: sudo apt install hunspell-en-gb)")
	}
	for _, word := range strings.Fields(string(unknown)) {
		t.Errorf("%s: %q is misspelt, or is missing in notebooks/prose/testdata/words.txt", where[word], word)
	}
}

// docs are the doc comments of a package, without their code.
func docs(folder string) (blocks []string, err error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, nil
	}
	p, err := doc.NewFromFiles(fset, files, "gopherlens")
	if err != nil {
		return nil, err
	}
	names := map[string]bool{} // of the package's variables, functions and so on, which are no words
	for _, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			if identifier, ok := node.(*ast.Ident); ok {
				names[identifier.Name] = true
			}
			return true
		})
	}
	add := func(text string) {
		for _, block := range sentences(p.Parser().Parse(text).Content) {
			blocks = append(blocks, letter.ReplaceAllStringFunc(block, func(word string) string {
				if names[strings.TrimSuffix(word, "'s")] {
					return "0"
				}
				return word
			}))
		}
	}
	add(p.Doc)
	values := func(all []*doc.Value) {
		for _, v := range all {
			add(v.Doc)
		}
	}
	functions := func(all []*doc.Func) {
		for _, f := range all {
			add(f.Doc)
		}
	}
	values(append(p.Consts, p.Vars...))
	functions(p.Funcs)
	for _, typ := range p.Types {
		add(typ.Doc)
		values(append(typ.Consts, typ.Vars...))
		functions(append(typ.Funcs, typ.Methods...))
	}
	return blocks, nil
}

// sentences are the plain words of a doc comment.
func sentences(content []comment.Block) (blocks []string) {
	for _, b := range content {
		var texts []comment.Text
		switch b := b.(type) {
		case *comment.Paragraph:
			texts = b.Text
		case *comment.Heading:
			texts = b.Text
		case *comment.List:
			for _, item := range b.Items {
				blocks = append(blocks, sentences(item.Content)...)
			}
		}
		var plain strings.Builder
		for _, text := range texts {
			if p, ok := text.(comment.Plain); ok {
				plain.WriteString(string(p))
			}
		}
		blocks = append(blocks, plain.String())
	}
	return blocks
}

var (
	// name is what is no word but a name of a program's: with a dot, a digit, a capital in its middle, in capitals.
	name   = regexp.MustCompile(`[\d_/\\@=<>\[\](){}&|~$%^*+#]|\pL\.\pL|\p{Ll}\p{Lu}|\p{Lu}{2}`)
	letter = regexp.MustCompile(`\pL+(?:'\pL+)*`)
)

// plainWords are the words of a text that a dictionary should know.
func plainWords(text string) (words []string) {
	begins := true // a sentence
	for _, field := range strings.Fields(strings.ReplaceAll(text, "’", "'")) {
		word := strings.Trim(field, `.,:;!?()[]"“”*…`)
		first, _ := utf8.DecodeRuneInString(word)
		properName := unicode.IsUpper(first) && !begins
		begins = strings.ContainsAny(field, ".!?:")
		if !properName && !name.MatchString(word) {
			words = append(words, letter.FindAllString(strings.TrimSuffix(word, "'s"), -1)...)
		}
	}
	return words
}

package help

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"
)

// match is one thing that could stand at the cursor.
type match struct {
	text      string
	kind      string
	signature string // of a function; of another thing its type
}

// Complete returns what could stand at the cursor, the best first, and which part of the cell each match would
// replace: from start to end, in code points as cursor. The metadata tell Jupyter each match's kind and
// signature. A newer call ends an older one with what can be known without gopls.
func (s *Server) Complete(ctx context.Context, cell string, cursor int) (matches []string, start, end int, metadata map[string]any) {
	limit := completion
	if !s.session.warm() {
		limit = firstCompletion
	}
	ctx, cancel, decls := s.begin(ctx, &s.completing, limit)
	defer cancel()
	src := decls.file(cell, s.packages)
	line, column := src.locate(cursor)
	cursor = src.at(line, column)

	found, start, end := commands(src.cell[line][:column]), cursor, cursor
	switch {
	case found != nil:
		start -= utf8.RuneCountInString(strings.TrimSpace(src.cell[line][:column]))
	case src.lines[line] >= 0:
		var err error
		if found, start, end, err = s.completions(ctx, src, decls, line, column); err != nil {
			found = s.known(src, decls, line, column)
			start, end = cursor-utf8.RuneCountInString(word(src.cell[line][:column])), cursor
		}
	}
	matches = []string{}
	types := []map[string]any{}
	for _, m := range found {
		matches = append(matches, m.text)
		types = append(types, map[string]any{"start": start, "end": end, "text": m.text, "type": m.kind, "signature": m.signature})
	}
	return matches, start, end, map[string]any{"_jupyter_types_experimental": types}
}

// completions asks gopls.
func (s *Server) completions(ctx context.Context, src source, decls declared, line, column int) (found []match, start, end int, err error) {
	at, _ := src.position(line, column)
	cursor := src.at(line, column)
	start, end = cursor, cursor
	var list completionList
	files := map[string]string{cellFile: src.text, declaredFile: decls.text}
	where := place{document{URI: s.session.uri(cellFile)}, at}
	if err := s.session.ask(ctx, files, question{"textDocument/completion", where, &list})[0]; err != nil {
		return nil, 0, 0, err
	}
	for i, item := range list.Items {
		if item.TextEdit == nil {
			continue
		}
		from, ok1 := src.cursor(item.TextEdit.Range.Start)
		to, ok2 := src.cursor(item.TextEdit.Range.End)
		if !ok1 || !ok2 || from > cursor || to < cursor {
			continue
		}
		if i == 0 {
			start, end = from, to
		}
		if from == start && to == end {
			found = append(found, match{item.TextEdit.NewText, kinds[item.Kind], strings.TrimPrefix(item.Detail, "func")})
		}
	}
	return found, start, end, nil
}

// kinds name the protocol's kinds of completions as Go does.
var kinds = map[int]string{
	2: "method", 3: "func", 5: "field", 6: "var", 7: "type", 8: "interface", 9: "package", 12: "const", 14: "keyword",
	21: "const", 22: "struct", 25: "type",
}

// word is the name, or its beginning, that text ends with.
func word(text string) string {
	return text[len(strings.TrimRightFunc(text, inWord)):]
}

// inWord tells whether a name may contain r.
func inWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

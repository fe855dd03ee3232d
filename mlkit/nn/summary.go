package nn

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// Summary describes a model: each layer, the shape of what it puts out, and how many numbers it learns.
// In a notebook it is shown with a drawing of the shapes.
type Summary struct {
	name   string
	rows   []summaryRow
	layers []placed // as far as they fit together
	// problem says why the layers do not fit together; note, why their shapes are not known yet.
	problem, note string
}

type summaryRow struct{ name, class, shape, weights string }

// Summary describes the model. If its layers do not fit together, it says why.
func (m *Model) Summary() Summary {
	s := Summary{name: m.name}
	layers, err := m.place(nil)
	if err == errNoInputShape {
		if trained, missing := m.learnt(); missing == nil {
			layers, err = trained.layers, nil
		}
	}
	switch {
	case err == errNoInputShape:
		s.note = "The shapes are not known yet: " + err.Error() + "."
	case err != nil:
		s.problem = err.Error()
	}
	s.layers = layers
	for i, name := range m.layerNames() {
		row := summaryRow{name, className(m.layers[i]), "?", "?"}
		if i < len(layers) {
			row.shape = kerasShape(layers[i].out)
			row.weights = thousands(countWeights(layers[i:i+1], true) + countWeights(layers[i:i+1], false))
		}
		s.rows = append(s.rows, row)
	}
	return s
}

// countWeights is how many numbers the layers keep: those that they learn, or the others.
func countWeights(layers []placed, trainable bool) int {
	n := 0
	for _, l := range layers {
		for _, w := range l.weights {
			if w.trainable == trainable {
				n += count(w.shape)
			}
		}
	}
	return n
}

// kerasShape writes a shape as Keras does: (None, 26, 26, 32), where None is the batch.
func kerasShape(s Shape) string {
	text := "(None"
	for _, d := range s {
		text += fmt.Sprintf(", %d", d)
	}
	return text + ")"
}

// thousands writes 304906 as 304,906.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// totals are the lines under the table.
func (s Summary) totals() []string {
	if s.problem != "" {
		return []string{s.problem}
	}
	if s.note != "" {
		return []string{s.note}
	}
	line := func(what string, n int) string {
		return fmt.Sprintf("%s params: %s (%s)", what, thousands(n), size(4*n))
	}
	learns, keeps := countWeights(s.layers, true), countWeights(s.layers, false)
	return []string{line("Total", learns+keeps), line("Trainable", learns), line("Non-trainable", keeps)}
}

func size(bytes int) string {
	f, units := float64(bytes), []string{"B", "KB", "MB", "GB"}
	for f >= 1024 && len(units) > 1 {
		f, units = f/1024, units[1:]
	}
	return fmt.Sprintf("%.2f %s", f, units[0])
}

// title is the line above the table.
func (s Summary) title() string { return fmt.Sprintf("Model: %q", s.name) }

var summaryHeader = [3]string{"Layer (type)", "Output Shape", "Param #"}

func (r summaryRow) cells() [3]string {
	return [3]string{fmt.Sprintf("%s (%s)", r.name, r.class), r.shape, r.weights}
}

// String is Keras' table.
func (s Summary) String() string {
	widths := [3]int{31, 22, 13}
	for _, r := range s.rows {
		for i, c := range r.cells() {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	rule := func(left, line, middle, right string) {
		b.WriteString(left)
		for i, w := range widths {
			if i > 0 {
				b.WriteString(middle)
			}
			b.WriteString(strings.Repeat(line, w+2))
		}
		b.WriteString(right + "\n")
	}
	row := func(edge string, c [3]string) {
		fmt.Fprintf(&b, "%s %-*s %s %-*s %s %*s %s\n", edge, widths[0], c[0], edge, widths[1], c[1], edge, widths[2], c[2], edge)
	}
	b.WriteString(s.title() + "\n")
	rule("┏", "━", "┳", "┓")
	row("┃", summaryHeader)
	rule("┡", "━", "╇", "┩")
	for i, r := range s.rows {
		if i > 0 {
			rule("├", "─", "┼", "┤")
		}
		row("│", r.cells())
	}
	rule("└", "─", "┴", "┘")
	for i, line := range s.totals() {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(" " + line)
	}
	return b.String()
}

// HTML is the table with a drawing of the shapes flowing through the model.
func (s Summary) HTML() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<p><strong>%s</strong></p>\n<table>\n<thead><tr>", html.EscapeString(s.title()))
	for i, h := range summaryHeader {
		fmt.Fprintf(&b, `<th scope="col" style="text-align:%s">%s</th>`, align(i), h)
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for _, r := range s.rows {
		b.WriteString("<tr>")
		for i, c := range r.cells() {
			fmt.Fprintf(&b, `<td style="text-align:%s">%s</td>`, align(i), html.EscapeString(c))
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody>\n</table>\n")
	fmt.Fprintf(&b, "<p>%s</p>\n", strings.ReplaceAll(html.EscapeString(strings.Join(s.totals(), "\n")), "\n", "<br>\n"))
	if len(s.layers) > 0 {
		b.WriteString(drawing(s.layers))
	}
	return b.String()
}

func align(column int) string {
	if column == 2 {
		return "right"
	}
	return "left"
}

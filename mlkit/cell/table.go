package cell

import "strings"

// HTML is a piece of HTML to Show.
type HTML struct{ html, text string }

// HTML is the HTML itself.
func (h HTML) HTML() string { return h.html }

// String is the same in plain text.
func (h HTML) String() string { return h.text }

// Table makes a table: a header for each column, then rows, whose first cell is the row's header.
func Table(header []string, rows [][]string) HTML {
	var html, text strings.Builder
	html.WriteString(`<table><thead><tr>`)
	for _, h := range header {
		html.WriteString(`<th scope="col">` + escape(h) + `</th>`)
	}
	html.WriteString(`</tr></thead><tbody>`)
	text.WriteString(strings.Join(header, "\t"))
	for _, row := range rows {
		html.WriteString(`<tr>`)
		for i, c := range row {
			if i == 0 {
				html.WriteString(`<th scope="row">` + escape(c) + `</th>`)
			} else {
				html.WriteString(`<td>` + escape(c) + `</td>`)
			}
		}
		html.WriteString(`</tr>`)
		text.WriteString("\n" + strings.Join(row, "\t"))
	}
	html.WriteString(`</tbody></table>`)
	return HTML{html.String(), text.String()}
}

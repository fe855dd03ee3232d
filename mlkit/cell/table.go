package cell

import (
	"strings"
	"text/tabwriter"

	"gopherlens/mlkit/internal/notebook"
)

// HTML is a piece of HTML to Show, with its text for where HTML cannot be shown.
type HTML struct{ html, text string }

// HTML returns the HTML.
func (h HTML) HTML() string { return h.html }

// String returns the text.
func (h HTML) String() string { return h.text }

// Table makes a table. The header names the columns, and the first cell of each row names the row, as
// screen readers announce them. The cells are text, not HTML.
func Table(header []string, rows [][]string) HTML {
	var html, text strings.Builder
	aligned := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	add := func(cells []string, th, td string) {
		html.WriteString("<tr>")
		for i, c := range cells {
			tag := td
			if i == 0 {
				tag = th
			}
			html.WriteString("<" + tag + ">" + notebook.Escape(c) + "</" + tag[:2] + ">")
		}
		html.WriteString("</tr>")
		aligned.Write([]byte(strings.Join(cells, "\t") + "\n"))
	}
	html.WriteString("<table><thead>")
	add(header, `th scope="col"`, `th scope="col"`)
	html.WriteString("</thead><tbody>")
	for _, row := range rows {
		add(row, `th scope="row"`, "td")
	}
	html.WriteString("</tbody></table>")
	aligned.Flush()
	return HTML{html.String(), strings.TrimSuffix(text.String(), "\n")}
}

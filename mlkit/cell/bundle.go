package cell

import (
	"fmt"
	"strings"
)

// bundle is one output in the two forms that a front end chooses from.
type bundle struct{ html, text string }

func bundleOf(v any) bundle {
	b := bundle{text: fmt.Sprint(v)}
	switch v := v.(type) {
	case interface{ HTML() string }:
		b.html = v.HTML()
	case error:
		b = errorCard(v.Error(), "")
	}
	return b
}

// errorCard is a mistake in one sentence, legible on light and dark themes.
func errorCard(sentence, line string) bundle {
	b := bundle{text: sentence}
	if line != "" {
		b.text += "\n    " + line
		line = `<pre style="margin:.3em 0 0;color:inherit;background:none">` + escape(line) + `</pre>`
	}
	b.html = `<div role="alert" style="border-left:4px solid #c2410c;padding:.4em .9em;margin:.3em 0;` +
		`color:var(--jp-ui-font-color1,#222);background:var(--jp-layout-color2,#f3f4f6);border-radius:4px;line-height:1.5">` +
		escape(sentence) + line + `</div>`
	return b
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace

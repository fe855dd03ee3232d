package labtest

import (
	"slices"
	"testing"
)

// What is wrong is found, in a shadow root too.
func TestViolations(t *testing.T) {
	page := HTML(t, `<img src="data:,"><p style="color:#999;background:#aaa">hardly there</p><div id="host"></div>
		<script>document.getElementById("host").attachShadow({mode: "open"}).innerHTML = "<select><option>a</option></select>"</script>`)
	var ids []string
	for _, v := range violations(t, page, "html") {
		ids = append(ids, v.ID)
	}
	for _, want := range []string{"image-alt", "color-contrast", "select-name"} {
		if !slices.Contains(ids, want) {
			t.Errorf("axe-core finds %q, and not %s", ids, want)
		}
	}
}

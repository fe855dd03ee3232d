package door

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"gopherlens/kernel/internal/cells"
)

// mended returns the content of a display as the notebook is to have it: of what GoNB displays by itself, some is
// changed on its way, and nil says that nothing is left.
func mended(content json.RawMessage) json.RawMessage {
	const large = 256 << 10
	if len(content) > large || !bytes.Contains(content, []byte("_ws_url")) && !bytes.Contains(content, []byte(cells.ResultName)) {
		return content
	}
	var display map[string]any
	if json.Unmarshal(content, &display) != nil {
		return content
	}
	data, _ := display["data"].(map[string]any)
	html, _ := data["text/html"].(string)
	switch new := unlisted(widgets(html)); new {
	case html:
		return content
	case "":
		return nil
	default:
		data["text/html"] = new
	}
	mended, err := json.Marshal(display)
	if err != nil {
		return content
	}
	return mended
}

// unlisted is what %ls shows, without the import that the kernel adds to a cell which has a result.
func unlisted(html string) string {
	const ours = "<li><pre>" + cells.ResultName + "</pre></li>\n"
	if !strings.HasPrefix(html, "<h4>Imports</h4>\n") {
		return html
	}
	if html = strings.Replace(html, ours, "", 1); !strings.Contains(html, "<li>") {
		return ""
	}
	return html
}

// GoNB's widgets (gonbui/widgets, gonbui/comms, %widgets) talk to their cell through a script that GoNB displays.
// It looks for the server at ws://HOST/api: in vain under another base_url, as a hub's, and under https. It makes
// identifiers with what browsers offer to https and localhost alone, and gives the server half a second to
// answer. So the door puts what works into the script's place on its way to the notebook. If one part of it is
// not there as it is in GoNB's version that go.mod names, all stays as it is.
var (
	widgetAddress = regexp.MustCompile(`"ws://" \+ document\.location\.host \+ ("/api/kernels/[^"]*/channels")`)
	widgetParts   = [][2]string{
		{`crypto.randomUUID()`, `Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("")`},
		{"500, // milliseconds", "5000, // milliseconds"},
	}
)

// widgetServer is a script's address of the server's part that has the name $1, as JupyterLab and Notebook find it.
const widgetServer = `(() => {
            const config = JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "{}");
            const url = new URL((config.baseUrl || "/").replace(/\/$/, "") + $1, document.location.href);
            url.protocol = url.protocol.replace("http", "ws");
            if (config.token) url.searchParams.set("token", config.token);
            return url.href;
        })()`

// widgets is what GoNB displays, with its script for widgets as it should be.
func widgets(html string) string {
	if !widgetAddress.MatchString(html) {
		return html
	}
	mended := widgetAddress.ReplaceAllString(html, widgetServer)
	for _, part := range widgetParts {
		if !strings.Contains(html, part[0]) {
			return html
		}
		mended = strings.ReplaceAll(mended, part[0], part[1])
	}
	return mended
}

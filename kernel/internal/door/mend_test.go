package door

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopherlens/kernel/labtest"
)

// widgetScript is GoNB's script, of the version that go.mod names, as GoNB displays it.
func widgetScript(t *testing.T) (content json.RawMessage, script string) {
	t.Helper()
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "internal", "websocket", "websocket.js"))
	if err != nil {
		t.Fatal(err)
	}
	script = strings.NewReplacer("{{.Verbose}}", "false", "{{.KernelId}}", "12ab-34").Replace(string(text))
	content, err = json.Marshal(map[string]any{"data": map[string]any{"text/html": "<script>" + script + "</script>"},
		"metadata": map[string]any{}, "transient": map[string]any{"display_id": "gonb_websocket_1"}})
	if err != nil {
		t.Fatal(err)
	}
	return content, script
}

// GoNB's script is as the door knows it; what is anything else stays what it is.
func TestWidgets(t *testing.T) {
	content, script := widgetScript(t)
	var display struct {
		Data      map[string]string
		Transient map[string]string
	}
	if err := json.Unmarshal(mended(content), &display); err != nil {
		t.Fatal(err)
	}
	got := display.Data["text/html"]
	if display.Transient["display_id"] != "gonb_websocket_1" || !strings.HasSuffix(got, "</script>") {
		t.Errorf("the display is %.100s… with %v", got, display.Transient)
	}
	for _, old := range []string{`"ws://"`, "randomUUID", "500, "} {
		if strings.Count(script, old) == 0 || strings.Contains(strings.ReplaceAll(got, "5000, ", ""), old) {
			t.Errorf("%q is %d times in GoNB's script; it should be there, and not in ours", old, strings.Count(script, old))
		}
	}
	for name, content := range map[string]json.RawMessage{
		"another version's script":         json.RawMessage(strings.ReplaceAll(string(content), "500, // milli", "800, // milli")),
		"a page about the script":          json.RawMessage(`{"data": {"text/html": "<code>_ws_url</code>"}}`),
		"a page about the result's import": json.RawMessage(`{"data": {"text/html": "<h4>gopherlensResult</h4>"}}`),
		"no HTML":                          json.RawMessage(`{"data": {"text/plain": "_ws_url"}}`),
	} {
		if got := mended(content); string(got) != string(content) {
			t.Errorf("%s becomes %s", name, got)
		}
	}
}

// The import that a cell's result needs is not the learner's.
func TestUnlisted(t *testing.T) {
	list := func(names string) json.RawMessage {
		return json.RawMessage(`{"data":{"text/html":"\u003ch4\u003eImports\u003c/h4\u003e\n\u003cul\u003e\n` + names + `\u003c/ul\u003e"}}`)
	}
	item := func(name string) string {
		return `\u003cli\u003e\u003cpre\u003e` + name + `\u003c/pre\u003e\u003c/li\u003e\n`
	}
	if got := mended(list(item("fmt") + item("gopherlensResult") + item("os"))); string(got) != string(list(item("fmt")+item("os"))) {
		t.Errorf("listed are %s", got)
	}
	if got := mended(list(item("gopherlensResult"))); got != nil {
		t.Errorf("no imports are %s", got)
	}
}

// The script finds the server wherever it is.
func TestWidgetServer(t *testing.T) {
	page := labtest.Blank(t)
	address := widgetAddress.ReplaceAllString(`"ws://" + document.location.host + "/api/kernels/12ab/channels"`, widgetServer)
	for _, c := range []struct{ location, config, want string }{
		{"http://localhost:8888/lab", `{"baseUrl": "/", "token": ""}`, "ws://localhost:8888/api/kernels/12ab/channels"},
		{"https://hub.example/user/ada/lab", `{"baseUrl": "/user/ada/", "token": ""}`, "wss://hub.example/user/ada/api/kernels/12ab/channels"},
		{"http://10.0.0.5:8888/sub/path/tree", `{"baseUrl": "/sub/path/", "token": "s&cret"}`, "ws://10.0.0.5:8888/sub/path/api/kernels/12ab/channels?token=s%26cret"},
		{"https://hub.example/lab", ``, "wss://hub.example/api/kernels/12ab/channels"},
	} {
		config, _ := json.Marshal(c.config)
		var got string
		page.Evaluate(`((document) => `+address+`)({location: new URL("`+c.location+`"), getElementById: () => ({textContent: `+string(config)+`})})`, &got)
		if got != c.want {
			t.Errorf("at %s with %s it is %s, want %s", c.location, c.config, got, c.want)
		}
	}
}

// A cell hears of its widgets, where the server is under a path, asks for a token, and is not even https. What
// connects them outlives the cell.
func TestWidgetsInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: -short")
	}
	const listen = `
import (
	"fmt"
	"time"

	"github.com/janpfeifer/gonb/gonbui/widgets"
)

%%
button := widgets.Button("press").WithHtmlId("press").Done()
slider := widgets.Slider(0, 100, 50).WithHtmlId("slide").Done()
pressed, moved := button.Listen(), slider.Listen()
fmt.Println("listening")
for range 2 {
	select {
	case n := <-pressed.C:
		fmt.Println("pressed", n)
	case v := <-moved.C:
		fmt.Println("moved", v)
	case <-time.After(time.Minute):
		fmt.Println("nothing")
	}
}`
	second := strings.NewReplacer(`"press"`, `"press2"`, `"slide"`, `"slide2"`).Replace(listen[strings.Index(listen, "%%"):])
	path := labtest.Notebook(t, listen, second)
	page := labtest.Open(t, labtest.Hub(t, filepath.Dir(path), "JupyterLab Light"), "/lab/tree/notebook.ipynb")
	// What browsers do not offer to a page of another machine's without https.
	page.Evaluate(`Object.defineProperty(crypto, "randomUUID", {value: undefined}); true`, nil)
	use := func(n int, suffix string) {
		t.Helper()
		page.Evaluate(fmt.Sprintf(`{
			const waiting = setInterval(() => {
				if (!document.querySelectorAll(".jp-CodeCell")[%d].querySelector(".jp-OutputArea").innerText.includes("listening")) return;
				clearInterval(waiting);
				document.getElementById("press%s").click();
				const slider = document.getElementById("slide%[2]s");
				slider.value = 70;
				slider.dispatchEvent(new Event("input"));
			}, 100);
		} true`, n, suffix), nil)
		got := page.Execute(n, 2*time.Minute)
		if !strings.Contains(got, "pressed 1") || !strings.Contains(got, "moved 70") {
			t.Errorf("cell %d says %q", n, got)
		}
	}
	use(0, "")
	page.Screenshot("gonbui")
	use(1, "2")
}

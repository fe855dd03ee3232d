package labtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"gopherlens/kernel/internal/clone"
	"gopherlens/kernel/internal/lab"
)

// Hub starts JupyterLab on a folder of notebooks as a hub for many learners does, not at the root of its host but
// under a path, and in one of JupyterLab's themes: "JupyterLab Light" or "JupyterLab Dark". It ends with the test.
func Hub(t testing.TB, root, theme string) *lab.Server {
	t.Helper()
	// A clone with settings of its own, which runs this one's Jupyter.
	c := clone.Clone{Root: t.TempDir()}
	for path, text := range map[string]string{
		"jupyter_server_config.json": `{"ServerApp": {"base_url": "/sub/path/"}}`,
		"lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings": fmt.Sprintf(`{"theme": %q}`, theme),
		// The whole of a notebook is on the page, not only what is in view.
		"lab/user-settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings": `{"windowingMode": "none"}`,
	} {
		path = c.Lab("jupyter", "config", filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(c.Lab("log"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(Clone(t).Lab("venv"), c.Lab("venv")); err != nil {
		t.Fatal(err)
	}
	server, err := lab.Start(t.Context(), c, lab.Options{Root: root, Page: "/lab", Port: freePort(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

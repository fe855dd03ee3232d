package lab_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopherlens/kernel/labtest"
)

// The server lets in nobody without the token, no request that another site could forge, and nobody
// from another machine; it shows the folder of the notebooks alone, and our kernel alone.
func TestServer(t *testing.T) {
	labtest.Clone(t)
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "hello.ipynb"), []byte(hello), 0o644); err != nil {
		t.Fatal(err)
	}
	server := labtest.Server(t, root)
	request := func(method, page string, token bool, header ...string) (int, string) {
		t.Helper()
		address, err := url.Parse(server.URL(page))
		if err != nil {
			t.Fatal(err)
		}
		secret := address.Query().Get("token")
		address.RawQuery = ""
		r, err := http.NewRequestWithContext(t.Context(), method, address.String(), strings.NewReader(`{"type": "notebook"}`))
		if err != nil {
			t.Fatal(err)
		}
		if token {
			r.Header.Set("Authorization", "token "+secret)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	if status, _ := request("GET", "/api/contents", false); status != http.StatusForbidden {
		t.Errorf("without the token: status %d, want 403", status)
	}
	if status, body := request("GET", "/api/contents", true); status != http.StatusOK || !strings.Contains(body, "hello.ipynb") {
		t.Errorf("with the token: status %d, %s; want the notebooks", status, body)
	}
	if status, _ := request("POST", "/api/contents", false, "Cookie", "_xsrf=1", "X-XSRFToken", "2"); status != http.StatusForbidden {
		t.Errorf("a forged request: status %d, want 403", status)
	}
	if status, body := request("GET", "/api/kernelspecs", true); status != http.StatusOK ||
		!strings.Contains(body, `"default": "gopherlens"`) || strings.Contains(body, `"python3"`) {
		t.Errorf("the kernels: status %d, %s; want ours alone", status, body)
	}
	host, err := url.Parse(server.URL("/"))
	if err != nil {
		t.Fatal(err)
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		ip, _, err := net.ParseCIDR(address.String())
		if err != nil || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
			continue
		}
		if connection, err := net.Dial("tcp", net.JoinHostPort(ip.String(), host.Port())); err == nil {
			connection.Close()
			t.Errorf("it can be reached at %s", ip)
		}
	}
}

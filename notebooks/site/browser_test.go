package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"gopherlens/kernel/labtest"
)

// TestInBrowser reads the site as a visitor does: from a web server in light colours, from the folder itself in dark
// ones, and on a phone.
func TestInBrowser(t *testing.T) {
	s := lesson(t)
	folder := t.TempDir()
	if err := s.writeTo(folder); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.StripPrefix("/some/base/", http.FileServer(http.Dir(folder))))
	defer server.Close()

	page := labtest.Blank(t)
	var asked, said []string
	chromedp.ListenTarget(page.Context, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			asked = append(asked, e.Request.URL)
		case *runtime.EventExceptionThrown:
			said = append(said, e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			said = append(said, fmt.Sprintf("%s of %d values", e.Type, len(e.Args)))
		case *log.EventEntryAdded: // what the Content-Security-Policy forbids, too
			said = append(said, e.Entry.Text)
		}
	})
	if err := chromedp.Run(page.Context, network.Enable(), runtime.Enable(), log.Enable()); err != nil {
		t.Fatal(err)
	}
	for _, visit := range []struct {
		name, from, scheme string
		width, height      int64
	}{
		{"light", server.URL + "/some/base/", "light", 1400, 1000},
		{"dark", "file://" + filepath.ToSlash(folder) + "/", "dark", 1400, 1000},
		{"phone", server.URL + "/some/base/", "light", 390, 844},
	} {
		page.Media("prefers-color-scheme", visit.scheme)
		if err := chromedp.Run(page.Context, chromedp.EmulateViewport(visit.width, visit.height)); err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(s.files)) {
			if !strings.HasSuffix(name, ".html") {
				continue
			}
			t.Run(visit.name+"/"+name, func(t *testing.T) {
				asked, said = nil, nil
				page.Visit(visit.from + name)
				page.Wait(time.Minute, `[...document.images].every((i) => i.naturalWidth > 0)`)
				page.Wait(time.Minute, `[...document.querySelectorAll("[data-explore]")].every((e) => e.shadowRoot?.querySelector("figure"))`)
				// The digit is read by WebAssembly.
				page.Wait(time.Minute, `[...document.querySelectorAll("[data-explore=digit]")].every((e) => e.shadowRoot.querySelector(".says").textContent.startsWith("Most likely a "))`)
				var wide []string
				page.Evaluate(`[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > innerWidth && !e.closest("[tabindex]")).map((e) => e.outerHTML.slice(0, 200))`, &wide)
				if len(wide) > 0 {
					t.Errorf("wider than the window: %q", wide)
				}
				for _, address := range asked {
					_, known := s.files[cmp.Or(strings.TrimPrefix(address, visit.from), "index.html")]
					if !known && !strings.HasPrefix(address, "data:") && !strings.HasPrefix(address, "blob:") {
						t.Errorf("it asks for %s", address)
					}
				}
				for _, message := range said {
					t.Errorf("the browser says: %s", message)
				}
				page.Screenshot("site-" + visit.name + "-" + name)
				labtest.Accessible(t, page, "html")
			})
		}
	}
}

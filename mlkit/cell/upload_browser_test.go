//go:build unix

package cell_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"gopherlens/kernel/labtest"
	"gopherlens/mlkit/cell"
)

// uploadRoot is a JavaScript expression for what the first widget on the page shows.
const uploadRoot = `document.querySelector("[data-upload]").shadowRoot`

// TestUploadInBrowser uploads photos as a learner would who has no mouse, to a server that is not at the root of its
// host, and beside a notebook in a folder whose name has to be escaped in an address.
func TestUploadInBrowser(t *testing.T) {
	labtest.Clone(t)
	for _, front := range []struct {
		name, page, theme string
		folder            string // of the notebook
		token             bool   // the page has one, else only a cookie
	}{
		{"lab", "/lab/tree/", "JupyterLab Dark", "Größe & 100% #1", true},
		{"notebook", "/notebooks/", "JupyterLab Light", "", false},
	} {
		t.Run(front.name, func(t *testing.T) {
			root, from := t.TempDir(), t.TempDir()
			writeFile(t, filepath.Join(root, front.folder, "photos.ipynb"), []byte(uploadNotebook))
			// A photo that is there before.
			there := photoPNG(t, 20, 30)
			writeFile(t, filepath.Join(root, front.folder, "uploads", "bus.png"), there)

			dog, otherDog, bus := photoJPEG(t, 640, 480), photoJPEG(t, 300, 400), photoPNG(t, 500, 300)
			chosen := []string{
				writeFile(t, filepath.Join(from, "dog.jpg"), dog),
				writeFile(t, filepath.Join(from, "other", "dog.jpg"), otherDog),
				writeFile(t, filepath.Join(from, "bus.png"), bus),
				writeFile(t, filepath.Join(from, "notes.txt"), []byte("no photo")),
				writeFile(t, filepath.Join(from, "page.jpg"), []byte("<!doctype html>")),
				writeFile(t, filepath.Join(from, "empty.png"), nil),
				writeFile(t, filepath.Join(from, "large.png"), append(photoPNG(t, 5, 5), make([]byte, 1_000_000)...)),
				writeFile(t, filepath.Join(from, "..sheep…\u202e<b>50% off?.png"), bus),
			}
			server := labtest.Hub(t, root, front.theme)
			page := labtest.Open(t, server, front.page+path.Join(url.PathEscape(front.folder), "photos.ipynb"))
			if !front.token {
				uploadRun(t, page, chromedp.Evaluate(`{
					const config = document.getElementById("jupyter-config-data");
					config.textContent = JSON.stringify({...JSON.parse(config.textContent), token: ""});
				}`, nil))
			}
			page.Execute(0, time.Minute)
			uploadUntil(t, page, uploadRoot+`.querySelector(".there").textContent == "In uploads: 1 photo: bus.png."`)

			// Two requests for one folder at the same time make the server fail now and then.
			uploadRun(t, page, chromedp.Evaluate(`{
				window.folders = {now: 0, most: 0};
				const send = XMLHttpRequest.prototype.send;
				XMLHttpRequest.prototype.send = function (body) {
					if (String(body).includes('"directory"')) {
						folders.most = Math.max(folders.most, ++folders.now);
						this.addEventListener("readystatechange", () => folders.now -= this.readyState === XMLHttpRequest.DONE);
					}
					send.call(this, body);
				};
			}`, nil))
			uploadChoose(t, page, chosen)
			uploadUntil(t, page, uploadRoot+`.querySelector(".status").textContent == "4 photos uploaded: the cells below can use them now. 4 files refused."`)
			uploadUntil(t, page, `folders.most == 1`)
			page.Screenshot("upload-" + front.name)
			// Keys that would do something to the notebook.
			for range 2 {
				uploadRun(t, page, chromedp.KeyEvent("d"))
			}
			var got string
			uploadRun(t, page, chromedp.Evaluate(`[...`+uploadRoot+`.querySelectorAll("li")].map(li => li.querySelector("b").textContent+": "+li.querySelector("p").textContent).sort().join("\n")`, &got))
			const kinds = "JPEG, PNG, GIF, WebP, BMP or TIFF"
			want := strings.Join([]string{
				"..sheep…\u202e<b>50% off?.png: ✓ Uploaded as sheep…_b_50% off_.png.",
				"bus.png: ✓ Uploaded as bus (2).png: there is a bus.png already.",
				"dog.jpg: ✓ Uploaded as dog (2).jpg: there is a dog.jpg already.",
				"dog.jpg: ✓ Uploaded.",
				"empty.png: ✗ Not uploaded: it is empty.",
				"large.png: ✗ Not uploaded: it has 1.1 MB, and at most 1 MB are taken. Make it smaller first.",
				"notes.txt: ✗ Not uploaded: by its name it is not a " + kinds + " file.",
				"page.jpg: ✗ Not uploaded: by its content it is not a " + kinds + " file, though its name says so.",
			}, "\n")
			if got != want {
				t.Errorf("the widget says\n%s\nwant\n%s", got, want)
			}
			files := map[string][]byte{"bus.png": there, "bus (2).png": bus, "sheep…_b_50% off_.png": bus}
			// Either dog may be the first.
			first, second := readFile(t, filepath.Join(root, front.folder, "uploads", "dog.jpg")), readFile(t, filepath.Join(root, front.folder, "uploads", "dog (2).jpg"))
			if !(bytes.Equal(first, dog) && bytes.Equal(second, otherDog)) && !(bytes.Equal(first, otherDog) && bytes.Equal(second, dog)) {
				t.Error("the photos of one name do not arrive as they are")
			}
			for name, want := range files {
				if !bytes.Equal(readFile(t, filepath.Join(root, front.folder, "uploads", name)), want) {
					t.Errorf("%s does not arrive as it is", name)
				}
			}
			if entries, err := os.ReadDir(filepath.Join(root, front.folder, "uploads")); err != nil || len(entries) != 5 {
				t.Errorf("there are the files %v, %v; want 5", entries, err)
			}
			if got, want := strings.TrimSpace(page.Execute(1, time.Minute)),
				`["uploads/bus (2).png" "uploads/bus.png" "uploads/dog (2).jpg" "uploads/dog.jpg" "uploads/sheep…_b_50% off_.png"] <nil>`; got != want {
				t.Errorf("the next cell finds %s, want %s", got, want)
			}

			// Another widget has its own rules and photos.
			page.Execute(2, time.Minute)
			const other = `document.querySelectorAll("[data-upload]")[1].shadowRoot`
			uploadUntil(t, page, other+`.querySelector(".takes").textContent.endsWith("of up to 30 MB.")`)
			uploadUntil(t, page, other+`.querySelector(".there").textContent.startsWith("In uploads: 5 photos: ")`)
			uploadUntil(t, page, other+`.querySelectorAll("li").length == 0 && `+uploadRoot+`.querySelectorAll("li").length == 8`)

			// The server cannot write, then does not answer, then all is well.
			uploads := filepath.Join(root, front.folder, "uploads")
			if err := os.RemoveAll(uploads); err != nil {
				t.Fatal(err)
			}
			writeFile(t, uploads, []byte("no folder"))
			const last = uploadRoot + `.querySelector("li:last-child p").textContent`
			const retry = uploadRoot + `.querySelector("li:last-child button").click()`
			uploadChoose(t, page, chosen[:1])
			uploadUntil(t, page, last+`.startsWith("✗ Not uploaded. The server answered 400: Not a directory")`)
			uploadRun(t, page, network.Enable(), uploadBlock(true), chromedp.Evaluate(retry, nil))
			uploadUntil(t, page, last+` == "✗ Not uploaded. The server does not answer: see whether Jupyter is still running."`)
			page.Screenshot("upload-failed-" + front.name)
			if err := os.Remove(uploads); err != nil {
				t.Fatal(err)
			}
			uploadRun(t, page, uploadBlock(false), chromedp.Evaluate(retry, nil))
			uploadUntil(t, page, last+` == "✓ Uploaded."`)
			if !bytes.Equal(readFile(t, filepath.Join(uploads, "dog.jpg")), dog) {
				t.Error("a photo does not arrive as it is after a failure")
			}

			// The kernel is gone, photos are dropped, and one takes a while.
			uploadEndKernels(t, server.URL("/api/sessions"))
			slow := photoNoise(t)
			uploadRun(t, page, uploadSpeed(100_000), chromedp.Evaluate(fmt.Sprintf(`{
				const data = new DataTransfer();
				for (const [name, base64] of [["noise.png", %q], ["dog.jpg", %q]])
					data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, {type: "image/png"}));
				for (const kind of ["dragenter", "dragover", "drop"])
					%s.querySelector(".there").dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, composed: true, cancelable: true}));
			}`, base64.StdEncoding.EncodeToString(slow), base64.StdEncoding.EncodeToString(dog), uploadRoot), nil))
			uploadUntil(t, page, `{
				const bar = [...`+uploadRoot+`.querySelectorAll("progress")].find((bar) => bar.ariaLabel == "Upload of noise.png");
				!bar.hidden && bar.value > 0 && bar.value < 1;
			}`)
			uploadRun(t, page, chromedp.Evaluate(uploadRoot+`.querySelector(".there").scrollIntoView({block: "end"})`, nil))
			page.Screenshot("upload-slow-" + front.name)
			uploadRun(t, page, uploadSpeed(-1))
			uploadUntil(t, page, last+` == "✓ Uploaded as dog (2).jpg: there is a dog.jpg already."`)
			uploadUntil(t, page, uploadRoot+`.querySelector(".there").textContent == "In uploads: 3 photos: dog (2).jpg, dog.jpg, noise.png."`)
			for name, want := range map[string][]byte{"noise.png": slow, "dog (2).jpg": dog} {
				if !bytes.Equal(readFile(t, filepath.Join(uploads, name)), want) {
					t.Errorf("%s does not arrive as it is without a kernel", name)
				}
			}
			if n := page.Dialogs(); n != 0 {
				t.Errorf("%d dialogs or pop-ups are open, want none", n)
			}
		})
	}
}

// TestUploadWithoutServer shows the widget where no script of it may run, and where no server is.
func TestUploadWithoutServer(t *testing.T) {
	const put = "put them into the folder uploads/ beside this notebook"
	const again = "run this cell again"
	t.Run("page", func(t *testing.T) {
		file := writeFile(t, filepath.Join(t.TempDir(), "exported.html"), []byte(`<!doctype html><meta charset="utf-8"><body>`+cell.Uploader{}.HTML()))
		ctx := labtest.Browser(t)
		var text string
		if err := chromedp.Run(ctx, chromedp.Navigate("file://"+file), chromedp.Text("body", &text)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, put) || strings.Contains(text, again) {
			t.Errorf("a page without a server says %q, want %q and not %q", text, put, again)
		}
	})
	t.Run("untrusted", func(t *testing.T) {
		labtest.Clone(t)
		root := t.TempDir()
		html := fmt.Sprintf("%q", cell.Uploader{}.HTML())
		writeFile(t, filepath.Join(root, "photos.ipynb"), []byte(strings.Replace(uploadNotebook, `"outputs": []`,
			`"outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": `+html+`}}]`, 1)))
		page := labtest.Open(t, labtest.Server(t, root), "/lab/tree/photos.ipynb")
		uploadUntil(t, page, `document.querySelector(".jp-OutputArea").innerText.includes("uploads/")`)
		if text := page.Output(0); !strings.Contains(text, put) || !strings.Contains(text, again) {
			t.Errorf("an output that is not trusted says %q, want %q and %q", text, put, again)
		}
		// Trusted, but of a kernel that the server does not know any more.
		page.Type(0, "import (\n\"os\"\n\"gopherlens/mlkit/cell\"\n)\n%%\nos.Setenv(\"GONB_JUPYTER_KERNEL_ID\", \"gone\")\ncell.Upload()")
		page.Execute(0, time.Minute)
		uploadUntil(t, page, uploadRoot+`.querySelector(".status").textContent == "The kernel that showed this is not running any more."`)
		if text := page.Output(0); !strings.Contains(text, put) || !strings.Contains(text, again) {
			t.Errorf("an output of an earlier kernel says %q, want %q and %q", text, put, again)
		}
	})
}

// uploadNotebook has a cell with an Uploader, one that asks for what was uploaded, and one with another Uploader.
const uploadNotebook = `{"cells": [
  {"cell_type": "code", "id": "upload", "metadata": {}, "execution_count": null, "outputs": [],
   "source": "import \"gopherlens/mlkit/cell\"\n%%\ncell.Show(cell.Uploader{MaxBytes: 1_000_000})"},
  {"cell_type": "code", "id": "uploads", "metadata": {}, "execution_count": null, "outputs": [],
   "source": "import (\n\"fmt\"\n\"gopherlens/mlkit/cell\"\n)\n%%\nphotos, err := cell.Uploads()\nfmt.Printf(\"%q %v\\n\", photos, err)"},
  {"cell_type": "code", "id": "other", "metadata": {}, "execution_count": null, "outputs": [], "source": "%%\ncell.Upload()"}
], "metadata": {"kernelspec": {"name": "gopherlens", "display_name": "Go (Gopherlens)", "language": "go"}}, "nbformat": 4, "nbformat_minor": 5}`

// uploadChoose chooses files with the widget's button, by keyboard.
func uploadChoose(t *testing.T, page *labtest.Page, files []string) {
	t.Helper()
	uploadRun(t, page, chromedp.Evaluate(`document.activeElement.blur(); document.querySelector(".jp-Notebook .jp-CodeCell").focus(); true`, nil))
	page.Choose(uploadRoot+`.querySelector(".choose")`, files)
}

// uploadBlock keeps the page from the folder uploads.
func uploadBlock(block bool) chromedp.Action {
	return network.SetBlockedURLs().WithURLPatterns([]*network.BlockPattern{{URLPattern: "*://*:*/sub/path/api/contents/*uploads*", Block: block}})
}

// uploadSpeed limits how many bytes a second leave the page; -1 for no limit.
func uploadSpeed(bytesPerSecond float64) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := network.EmulateNetworkConditionsByRule(false, []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: bytesPerSecond}}).Do(ctx)
		return err
	})
}

// uploadEndKernels ends all sessions of a server.
func uploadEndKernels(t *testing.T, address string) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var sessions []struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&sessions); err != nil || len(sessions) == 0 {
		t.Fatalf("the server has the sessions %v, %v", sessions, err)
	}
	for _, session := range sessions {
		request, err := http.NewRequestWithContext(t.Context(), "DELETE", strings.Replace(address, "?", "/"+session.ID+"?", 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusNoContent {
			t.Fatalf("ending a session: %s", response.Status)
		}
	}
}

func uploadRun(t *testing.T, page *labtest.Page, actions ...chromedp.Action) {
	t.Helper()
	ctx, cancel := context.WithTimeout(page.Context, time.Minute)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// uploadUntil waits until a JavaScript expression is true.
func uploadUntil(t *testing.T, page *labtest.Page, expression string) {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		var is bool
		// What the page does not have yet is an error.
		if chromedp.Run(page.Context, chromedp.Evaluate(expression, &is)) == nil && is {
			return
		}
		if time.Now().After(until) {
			page.Screenshot("late")
			var text string
			chromedp.Run(page.Context, chromedp.Evaluate(uploadRoot+`.textContent`, &text))
			t.Fatalf("it is still not so that %s; the widget says %s", expression, text)
		}
	}
}

// photoNoise is a photo of some 900 kB.
func photoNoise(t *testing.T) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 950, 950))
	rand.NewChaCha8([32]byte{1}).Read(img.Pix)
	var data bytes.Buffer
	if err := png.Encode(&data, img); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

func photoPNG(t *testing.T, width, height int) []byte {
	t.Helper()
	var data bytes.Buffer
	if err := png.Encode(&data, gradient(width, height)); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

func photoJPEG(t *testing.T, width, height int) []byte {
	t.Helper()
	var data bytes.Buffer
	if err := jpeg.Encode(&data, gradient(width, height), nil); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

func gradient(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, color.RGBA{uint8(255 * x / width), uint8(255 * y / height), 128, 255})
		}
	}
	return img
}

// writeFile writes a file, with the folders that it lies in, and returns its path.
func writeFile(t *testing.T, path string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	return data
}

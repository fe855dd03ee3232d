//go:build unix

package cell_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gopherlens/mlkit/cell"
	"gopherlens/mlkit/internal/notebook/notebooktest"
)

// Outside a notebook, as here, it says where to put the photos.
func ExampleUpload() {
	cell.Upload()
	photos, err := cell.Uploads() // in a later cell
	fmt.Println(len(photos), err)
	// Output:
	// To use photos of your own, put them into the folder uploads/ beside this notebook.
	// 0 <nil>
}

func TestUpload(t *testing.T) {
	k := notebooktest.Start(t, true)
	k.Attach(t)
	t.Setenv("GONB_JUPYTER_KERNEL_ID", `"><script>alert('1')</script>`)
	whole := regexp.MustCompile(`(?s)^<div data-upload="([0-9a-z]+)" data-kernel="&#34;&gt;&lt;script&gt;alert\(&#39;1&#39;\)&lt;/script&gt;" data-max-bytes="(\d+)" ` +
		`data-kinds="JPEG, PNG, GIF, WebP, BMP or TIFF" data-extensions="([a-z ]+)" data-begins="([0-9a-f ]+)"><p>[^<]*<code>uploads/</code>[^<]*</p><p data-again>[^<]*</p></div>` + "\n" +
		`<script type="module">\n(.*)start\("([0-9a-z]+)"\);\n</script>$`)
	ids := map[string]bool{}
	for maxBytes, want := range map[int64]string{0: "30000000", 5_000: "5000"} {
		cell.Show(cell.Uploader{MaxBytes: maxBytes})
		text, html, _ := k.Next(t)
		if want := "uploads/ beside this notebook"; !strings.Contains(text, want) {
			t.Errorf("the text is %q, want %q in it", text, want)
		}
		parts := whole.FindStringSubmatch(html)
		if parts == nil {
			t.Fatalf("the HTML is %s", html)
		}
		if parts[1] != parts[6] {
			t.Errorf("the script starts the widget %s, the HTML has %s", parts[6], parts[1])
		}
		if parts[2] != want {
			t.Errorf("%d bytes at most: the widget takes %s, want %s", maxBytes, parts[2], want)
		}
		// Either would end the script where HTML is parsed.
		if strings.Contains(parts[5], "</script") || strings.Contains(parts[5], "<!--") {
			t.Error("the script has an end within itself")
		}
		for _, pattern := range strings.Fields(parts[4]) {
			if b, err := hex.DecodeString(pattern); err != nil || len(b) > 12 {
				t.Errorf("the widget looks for the bytes %s, more than the 12 that it reads", pattern)
			}
		}
		ids[parts[1]] = true
	}
	if len(ids) != 2 {
		t.Errorf("two widgets have the ids %v, want different ones", ids)
	}
}

func TestUploads(t *testing.T) {
	t.Chdir(t.TempDir())
	if photos, err := cell.Uploads(); photos != nil || err != nil {
		t.Errorf("without a folder: %q, %v; want nothing", photos, err)
	}
	const webp = "RIFF\x10\x20\x30\x40WEBPVP8 "
	for name, data := range map[string]string{
		"b.JPG": "\xff\xd8\xff\xe0…", "a.jpeg": "\xff\xd8\xff\xe1", "i.jfif": "\xff\xd8\xff", "c.png": "\x89PNG\r\n\x1a\n…",
		"d.gif": "GIF89a…", "e.gif": "GIF87a", "f.webp": webp, "g.bmp": "BM", "h.tif": "II*\x00", "h.tiff": "MM\x00*", "ü (2).png": "\x89PNG\r\n\x1a\n",
		"wrong.png": "\xff\xd8\xff\xe0 is a JPEG all the same", // a photo is told by how it begins
		// None of these is a photo.
		"notes.txt": "notes", "photo": "\xff\xd8\xff", "photo.txt": "\xff\xd8\xff", ".hidden.jpg": "\xff\xd8\xff", "page.jpg": "<html>", "empty.png": "",
		"short.png": "\x89PNG", "sound.webp": "RIFF\x10\x20\x30\x40WAVEfmt ", "jpg": "\xff\xd8\xff",
		"folder.jpg/inside.jpg": "\xff\xd8\xff",
	} {
		writeFile(t, filepath.Join("uploads", name), []byte(data))
	}
	if err := os.Symlink("a.jpeg", filepath.Join("uploads", "link.jpg")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join("uploads", "pipe.jpg"), 0o600); err != nil { // reading it would wait for ever
		t.Fatal(err)
	}
	photos, err := cell.Uploads()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range []string{"a.jpeg", "b.JPG", "c.png", "d.gif", "e.gif", "f.webp", "g.bmp", "h.tif", "h.tiff", "i.jfif", "wrong.png", "ü (2).png"} {
		want = append(want, filepath.Join("uploads", name))
	}
	if !slices.Equal(photos, want) {
		t.Errorf("got  %q\nwant %q", photos, want)
	}
}

// A folder that is not one of photos, or no folder, is told in a sentence.
func TestUploadsErrors(t *testing.T) {
	t.Run("file", func(t *testing.T) {
		t.Chdir(t.TempDir())
		writeFile(t, "uploads", nil)
		if photos, err := cell.Uploads(); photos != nil || err == nil || !strings.Contains(err.Error(), "the folder uploads cannot be read") {
			t.Errorf("got %q, %v", photos, err)
		}
	})
	t.Run("many", func(t *testing.T) {
		t.Chdir(t.TempDir())
		first := writeFile(t, filepath.Join("uploads", "0.jpg"), []byte("\xff\xd8\xff"))
		for i := range 10_000 {
			if err := os.Link(first, filepath.Join("uploads", fmt.Sprintf("%d.png", i))); err != nil {
				t.Fatal(err)
			}
		}
		if photos, err := cell.Uploads(); photos != nil || err == nil || !strings.Contains(err.Error(), "more than 10000 files") {
			t.Errorf("got %d photos, %v", len(photos), err)
		}
		if err := os.Remove(first); err != nil {
			t.Fatal(err)
		}
		if photos, err := cell.Uploads(); len(photos) != 10_000 || err != nil {
			t.Errorf("as many as there may be: got %d photos, %v", len(photos), err)
		}
	})
}

package main

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopherlens/kernel/labtest"
	"gopherlens/mlkit/fetch/cache"
	"gopherlens/mlkit/yolo/scenes"
	"gopherlens/mlkit/yolo/zoo"
)

const detectionLesson = "4-object-detection"

// shared is a folder of real data beside the repository. It skips the test where that is not.
func shared(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../../shared/data", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("skipped: needs ", path)
	}
	return path
}

// offline takes away the network, and all that was fetched.
func offline(t *testing.T) {
	t.Helper()
	t.Setenv(zoo.Variable, "")
	t.Setenv(cache.Variable, t.TempDir())
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1") // nobody listens there
}

// TestDetectionOffline executes the solution where nothing was ever fetched or uploaded: with our own detector.
func TestDetectionOffline(t *testing.T) {
	l := sources(t)[detectionLesson]
	offline(t)
	said := l.solved(t, run(t, l.solution()))
	for _, want := range []string{
		"yolo-fastest-1.1 was not fetched", "We go on with shapes", "Nothing is uploaded yet", "62,001,757 parameters",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	// In each of our three scenes something is found, and the learner's two functions find what the library finds.
	if n := len(regexp.MustCompile(`scene-[123]\.png, with \d+ box`).FindAllString(said, -1)); n < 8 {
		t.Errorf("scenes were shown with boxes %d times, want at least 8", n)
	}
	if m := regexp.MustCompile(`Yours: (\d+) boxes. The library's: (\d+)`).FindStringSubmatch(said); m == nil || m[1] == "0" || m[1] != m[2] {
		t.Errorf("the learner's functions: %q", m)
	}
}

// TestDetectionOfPhotos executes the solution with a network that knows COCO's classes, and photos in uploads.
func TestDetectionOfPhotos(t *testing.T) {
	l := sources(t)[detectionLesson]
	t.Setenv(zoo.Variable, shared(t, "darknet"))
	folder := t.TempDir()
	for name, from := range map[string]string{"dog.jpg": "dog.jpg", "person.jpg": "person.jpg", "broken.jpg": ""} {
		data := []byte("\xff\xd8\xff\xe0, and then nothing")
		if from != "" {
			var err error
			if data, err = os.ReadFile(filepath.Join(shared(t, "images"), from)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.MkdirAll(filepath.Join(folder, "uploads"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "uploads", name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// Of a photo that is damaged there is a sentence, and Run All goes on.
	said := l.solved(t, runIn(t, folder, l.solution()))
	for _, want := range []string{
		"We go on with yolo-fastest-1.1", `street\.jpg, with 3 boxes: car 55 %, bus 50 %, stop sign 36 %\.`,
		`dog\.jpg, with \d+ boxes: [^.]*\bdog \d+ %`, `person\.jpg, with \d+ boxes: [^.]*\bperson \d+ %`, "uploads/broken.jpg is",
	} {
		if !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "Nothing is uploaded yet") || trace.MatchString(said) {
		t.Errorf("it says\n%s", said)
	}
}

// TestDetectionInBrowser uploads two photos in JupyterLab in a real browser, and looks for their boxes.
func TestDetectionInBrowser(t *testing.T) {
	labtest.Clone(t)
	offline(t)
	photos := t.TempDir()
	files := []string{filepath.Join(photos, "one.png"), filepath.Join(photos, "two.png")}
	for i, file := range files {
		var data bytes.Buffer
		sample, err := scenes.New(77, 2, 320).Sample(i)
		if err == nil {
			err = png.Encode(&data, sample.Image)
		}
		if err == nil {
			err = os.WriteFile(file, data.Bytes(), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	detectInBrowser(t, "shapes", "JupyterLab Light", files)
}

// TestPhotosInBrowser does the same with real photos, and a network that knows what is on them.
func TestPhotosInBrowser(t *testing.T) {
	labtest.Clone(t)
	t.Setenv(zoo.Variable, shared(t, "darknet"))
	images := shared(t, "images")
	detectInBrowser(t, "photos", "JupyterLab Dark", []string{filepath.Join(images, "dog.jpg"), filepath.Join(images, "street.jpg")})
}

func detectInBrowser(t *testing.T, name, theme string, files []string) {
	// The cells that lead there, so that the page is short.
	var part lesson
	find := map[string]int{}
	for _, b := range sources(t)[detectionLesson].Blocks {
		for _, begins := range []string{"import", "var wanted", "var network", "var kept", "var raw", "%%\npicture :=", "%%\ncell.Upload()", "func photos", "%%\nlist := photos()\nfound"} {
			if b.Kind == code && strings.HasPrefix(b.Text, begins) {
				find[begins] = len(part.Blocks)
				part.Blocks = append(part.Blocks, b)
			}
		}
	}
	if len(part.Blocks) != 9 {
		t.Fatalf("of the lesson's cells %v are found", find)
	}
	root := t.TempDir()
	if err := write(filepath.Join(root, "part.ipynb"), part.student()); err != nil {
		t.Fatal(err)
	}
	page := labtest.Open(t, labtest.Hub(t, root, theme), "/lab/tree/part.ipynb")
	for i := range find["%%\ncell.Upload()"] + 1 {
		page.Execute(i, time.Minute)
	}
	const explorable = `document.querySelector("[data-explore=thresholds]").shadowRoot`
	page.Wait(time.Minute, explorable+`.querySelectorAll("[data-name=boxes] .bold").length > 0`)
	page.Evaluate(explorable+`.querySelector("figure").scrollIntoView(); true`, new(bool))
	page.Screenshot("detection-thresholds-" + name)

	const widget = `document.querySelector("[data-upload]").shadowRoot`
	page.Wait(time.Minute, widget+`.querySelector(".choose")`+` != null`)
	page.Click(widget + `.querySelector(".takes")`)
	page.Choose(widget+`.querySelector(".choose")`, files)
	page.Evaluate(widget+`.querySelector(".there").scrollIntoView({block: "end"}); true`, new(bool))
	t.Cleanup(func() {
		if t.Failed() {
			var text string
			page.Evaluate(`[...document.querySelectorAll("[data-upload]")].map((w) => w.shadowRoot?.textContent).join("\n\n")`, &text)
			t.Logf("the widget says %s", text)
		}
	})
	page.Wait(time.Minute, widget+`.querySelector(".status").textContent.startsWith("2 photos uploaded")`)

	last := find["func photos"] + 1
	page.Execute(last-1, time.Minute)
	page.Execute(last, time.Minute)
	shown := fmt.Sprintf(`document.querySelectorAll(".jp-Notebook .jp-CodeCell")[%d]`, last)
	page.Wait(time.Minute, shown+`.querySelectorAll("figure img").length == 2 && [...`+shown+`.querySelectorAll("figure img")].every((i) => i.naturalWidth > 100)`)
	for i, file := range files {
		figure := fmt.Sprintf(`%s.querySelectorAll("figure")[%d]`, shown, i)
		var alt, caption string
		var rows int
		page.Evaluate(figure+`.querySelector("img").alt`, &alt)
		page.Evaluate(figure+`.querySelector("figcaption").textContent`, &caption)
		page.Evaluate(figure+`.querySelectorAll("tbody tr").length`, &rows)
		if rows == 0 || caption != filepath.Base(file) || !strings.HasPrefix(alt, fmt.Sprintf("%s, with %d box", caption, rows)) {
			t.Errorf("photo %d is called %q, described as %q, and has a table of %d rows", i, caption, alt, rows)
		}
		page.Evaluate(figure+`.scrollIntoView(); true`, new(bool))
		page.Screenshot(fmt.Sprintf("detection-%s-%d", name, i+1))
	}
	labtest.Accessible(t, page, ".jp-OutputArea-output")
}

// TestDetectionLessonLinks sees to it that no variable or function that later cells inherit needs package yolo: it
// would link GoMLX into each of them.
func TestDetectionLessonLinks(t *testing.T) {
	for _, b := range sources(t)[detectionLesson].Blocks {
		declared, _, _ := strings.Cut(b.Answer+b.Text, "%%")
		if b.Kind != markdown && strings.Contains(declared, "yolo.") {
			t.Errorf("line %d: a cell declares something with package yolo", b.Line)
		}
	}
}

package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/photo"
)

// picture is a PNG file of one colour.
func picture(width, height int, c color.Color) string {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.Set(i%width, i/width, c)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		panic(err)
	}
	return file.String()
}

// written makes a folder with files.
func written(t testing.TB, files map[string]string) string {
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// read tells what a set holds: for each sample the colour of its first pixel, and its objects.
func read(t *testing.T, set Set, err error) (all []string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for i := range set.Len() {
		s, err := set.Sample(i)
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprint(s.Image.RGBAAt(0, 0).R)
		for _, o := range s.Objects {
			line += fmt.Sprintf(" %s %v", set.Names()[o.Class], o.Box)
			if o.Difficult {
				line += " difficult"
			}
		}
		all = append(all, line)
	}
	for _, i := range []int{-1, set.Len()} {
		if _, err := set.Sample(i); err == nil {
			t.Errorf("there is a sample %d of %d", i, set.Len())
		}
	}
	return all
}

func grayPicture(v uint8) string { return picture(20, 10, color.Gray{v}) }

func TestYOLO(t *testing.T) {
	// Labels that detection writes are read as the same objects.
	objects := []detection.Detection{{Class: 1, Score: 1, Box: detection.Box{X1: 2, Y1: 3, X2: 12, Y2: 8}}, {Class: 0, Score: 1, Box: detection.Box{X1: 0, Y1: 0, X2: 20, Y2: 10}}}
	var labels bytes.Buffer
	if err := detection.WriteText(&labels, objects, 20, 10, detection.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	want := []string{"10 dog {2 3 12 8} cat {0 0 20 10}", "20"}
	for name, files := range map[string]map[string]string{
		"apart":  {"images/a.png": grayPicture(10), "images/b.PNG": grayPicture(20), "labels/a.txt": labels.String(), "names.txt": "cat\ndog\n", "images/notes.md": "x"},
		"beside": {"a.png": grayPicture(10), "b.png": grayPicture(20), "a.txt": labels.String(), "b.txt": "\n", "classes.txt": "cat\ndog", "._a.png": "x", ".git/c.png": "x"},
		"deep":   {"images/x/a.png": grayPicture(10), "images/y/b.png": grayPicture(20), "labels/x/a.txt": labels.String(), "pets.names": "cat\ndog"},
		"mixed":  {"images/a.png": grayPicture(10), "images/b.png": grayPicture(20), "images/a.txt": labels.String(), "obj.names": "cat\ndog"},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := Open(written(t, files))
			if got := read(t, set, err); !slices.Equal(got, want) {
				t.Errorf("read %q, want %q", got, want)
			}
			set.Names()[0] = "changed"
			if got := set.Names(); !slices.Equal(got, []string{"cat", "dog"}) {
				t.Errorf("the names are %q", got)
			}
		})
	}

	dir := written(t, map[string]string{
		"images/train/a.png": grayPicture(1), "labels/train/a.txt": "0 .5 .5 1 1", "images/val/b.png": grayPicture(2), "labels/val/b.txt": "0 .5 .5 .5 1", "names.txt": "cat",
	})
	for split, want := range map[string]string{"": "1 cat {0 0 20 10}", "train": "1 cat {0 0 20 10}", "val": "2 cat {5 0 15 10}", "valid": "2 cat {5 0 15 10}"} {
		set, err := OpenSplit(dir, split)
		if got := read(t, set, err); !slices.Equal(got, []string{want}) {
			t.Errorf("%q is %q, want %q", split, got, want)
		}
	}
}

func TestData(t *testing.T) {
	files := map[string]string{
		"data/obj.data":      "classes = 2\n# a comment\ntrain = data/train.txt\nvalid  = data/valid.txt\nnames = data/obj.names\nbackup = backup/\n",
		"data/train.txt":     "data/images/a.png\r\n\r\ndata/images/b.png\n",
		"data/valid.txt":     "data/images/c.png\n",
		"data/obj.names":     "cat\ndog\n",
		"data/images/a.png":  grayPicture(1),
		"data/images/b.png":  grayPicture(2),
		"data/images/c.png":  grayPicture(3),
		"data/labels/a.txt":  "1 .5 .5 .5 1",
		"data/images/c.txt":  "0 .5 .5 1 1",
		"data/beside.data":   "train=list.txt\nnames=obj.names\n", // from its own folder
		"data/list.txt":      "./images/a.png\n",
		"data/absolute.data": "train=absolute.txt\nnames=obj.names\n",
	}
	dir := written(t, files)
	if err := os.WriteFile(filepath.Join(dir, "data/absolute.txt"), []byte(filepath.Join(dir, "data/images/a.png")), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file, split string
		want        []string
	}{
		{"obj.data", "", []string{"1 dog {5 0 15 10}", "2"}},
		{"obj.data", "train", []string{"1 dog {5 0 15 10}", "2"}},
		{"obj.data", "val", []string{"3 cat {0 0 20 10}"}},
		{"beside.data", "", []string{"1 dog {5 0 15 10}"}},
		{"absolute.data", "", []string{"1 dog {5 0 15 10}"}},
	} {
		set, err := OpenSplit(filepath.Join(dir, "data", test.file), test.split)
		if got := read(t, set, err); !slices.Equal(got, test.want) {
			t.Errorf("%s %q is %q, want %q", test.file, test.split, got, test.want)
		}
	}
}

// object is one of VOC's.
func object(name string, x1, y1, x2, y2 any, more string) string {
	return fmt.Sprintf("<object><name>%s</name>%s<bndbox><xmin>%v</xmin><ymin>%v</ymin><xmax>%v</xmax><ymax>%v</ymax></bndbox></object>\n", name, more, x1, y1, x2, y2)
}

func annotationOf(objects ...string) string {
	return "<?xml version=\"1.0\"?>\n<annotation>\n<filename>../../secret.jpg</filename><path>/etc/passwd</path><size><width>20</width><height>10</height><depth>3</depth></size>\n" + strings.Join(objects, "") + "</annotation>\n"
}

func TestVOC(t *testing.T) {
	files := map[string]string{
		"JPEGImages/1.png":              grayPicture(1),
		"JPEGImages/2.png":              grayPicture(2),
		"JPEGImages/3.png":              grayPicture(3),
		"JPEGImages/4.png":              grayPicture(4), // nobody has annotated it
		"Annotations/1.xml":             annotationOf(object("dog", 1, 1, 20, 10, ""), object("cat", 3, 4, 12, 8, "<difficult>1</difficult>")),
		"Annotations/2.xml":             annotationOf(),
		"Annotations/3.xml":             annotationOf(object("ant", "2.5", 1, 99, 99, "<difficult>0</difficult><part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>")),
		"ImageSets/Main/train.txt":      "2\n1\n",
		"ImageSets/Main/val.txt":        "3\n",
		"ImageSets/Main/cat_train.txt":  "1  1\n2 -1\n",
		"ImageSets/Layout/trainval.txt": "4\n",
	}
	dir := written(t, files)
	first := "1 dog {0 0 20 10} cat {2 3 12 8} difficult"
	for split, want := range map[string][]string{
		"": {"2", first}, "train": {"2", first}, "valid": {"3 ant {1.5 0 20 10}"}, "cat_train": {first},
	} {
		set, err := OpenSplit(dir, split)
		if got := read(t, set, err); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", split, got, want)
		}
		if got := set.Names(); !slices.Equal(got, []string{"ant", "cat", "dog"}) {
			t.Errorf("the names are %q", got)
		}
	}
	delete(files, "ImageSets/Main/train.txt")
	files["names.txt"] = "dog\ncat\nant\nbee\n"
	set, err := Open(written(t, files))
	if got, want := read(t, set, err), []string{first, "2", "3 ant {1.5 0 20 10}"}; !slices.Equal(got, want) {
		t.Errorf("without lists it is %q, want %q", got, want)
	}
	if got := set.Names(); len(got) != 4 || got[0] != "dog" {
		t.Errorf("the names are %q", got)
	}
}

// TestErrors breaks one file of a set that is right otherwise.
func TestErrors(t *testing.T) {
	folder := map[string]string{"images/a.png": grayPicture(1), "labels/a.txt": "0 .5 .5 1 1", "names.txt": "cat"}
	data := map[string]string{"a.data": "train=train.txt\nnames=names.txt", "train.txt": "images/a.png\n", "images/a.png": grayPicture(1), "labels/a.txt": "0 .5 .5 1 1", "names.txt": "cat"}
	voc := map[string]string{"JPEGImages/a.png": grayPicture(1), "Annotations/a.xml": annotationOf(object("cat", 1, 1, 9, 9, "")), "names.txt": "cat", "ImageSets/Main/train.txt": "a\n"}
	xml := "Annotations/a.xml"
	for _, test := range []struct {
		files         map[string]string
		file, content string // "" takes the file away
		want          string
	}{
		{folder, "names.txt", "", "there is no names.txt"},
		{folder, "names.txt", "\n\ncat", "names.txt, line 3: line 1 is blank"},
		{folder, "labels/a.txt", "", "none of the 1 photos has labels"},
		{folder, "images/a.png", "", "there are no photos"},
		{folder, "labels/a.txt", "0 .5 .5 1 1\n1 .5 .5 1 1", "a.txt, line 2: its class is 1, and there are 1 names"},
		{folder, "labels/a.txt", "0 .5 .5 1", "a.txt, line 1: it has 4 numbers"},
		{folder, "labels/a.txt", "0 5 5 10 10", "a.txt, line 1: its cx"},
		{folder, "labels/a.txt", strings.Repeat("\n", maxLabels+1), "longer than"},
		{folder, "images/a.png", "<html>", "is an HTML page"},
		{folder, "images/a.png", grayPicture(1)[:60], "cut short"},
		{data, "a.data", "train", `a.data, line 1: "train" is not like`},
		{data, "a.data", "train=a\n\ntrain=b\n", `a.data, line 3: "train" is there twice`},
		{data, "a.data", "names=names.txt", "no line train="},
		{data, "a.data", "train=train.txt", "no line names="},
		{data, "a.data", "train=../../etc/passwd\nnames=names.txt", "there is no list of photos"},
		{data, "a.data", "train=train.txt\nnames=/etc/passwd", "is not in the folder"},
		{data, "a.data", strings.Repeat("#\n", maxData), "longer than"},
		{data, "train.txt", "", "there is no list of photos"},
		{data, "train.txt", "\nimages/../../a.png", "train.txt, line 2: \"images/../../a.png\" is not in the folder"},
		{data, "train.txt", `..\..\a.png`, "is not in the folder"},
		{data, "train.txt", "/etc/passwd", "is not in the folder"},
		{data, "train.txt", "images/a\x00.png", "is not in the folder"},
		{data, "train.txt", strings.Repeat("a", 1<<17), "train.txt, line 1: the line is too long"},
		{data, "train.txt", "images/b.png\nimages/a.png", "b.png: there is no such file"},
		{data, "train.txt", "images\nimages/a.png", "this is no plain file"},
		{voc, "ImageSets/Main/train.txt", "\nb", `train.txt, line 2: there is no photo "b"`},
		{voc, "ImageSets/Main/train.txt", "../JPEGImages/a", "there is no photo"},
		{voc, "ImageSets/Main/train.txt", "a 1 1", "is not the name of a photo"},
		{voc, "ImageSets/Main/train.txt", "a -1", "there are no photos with annotations"},
		{voc, xml, "", `there is no "a.xml" in Annotations`},
		{voc, xml, " ", "it is empty"},
		{voc, xml, "cat", "it is empty"},
		{voc, xml, "<html></html>", "a.xml, line 1: it is a <html>"},
		{voc, xml, annotationOf(object("dog", 1, 1, 9, 9, "")), `a.xml, line 4: no class is called "dog"`},
		{voc, xml, annotationOf(object("cat", 1, 1, 9, 9, ""), object("", 1, 1, 9, 9, "")), "a.xml, line 5: an object has no <name>"},
		{voc, xml, annotationOf(object("cat", 9, 1, 1, 9, "")), "a.xml, line 4: its box is the wrong way round"},
		{voc, xml, annotationOf(object("cat", "", 1, 1, 9, "")), "there is no <xmin>"},
		{voc, xml, annotationOf(object("cat", "1e300", 1, 1, 9, "")), `<xmin> is "1e300"`},
		{voc, xml, annotationOf(object("cat", 1, "NaN", 1, 9, "")), `<ymin> is "NaN"`},
		{voc, xml, annotationOf(object("cat", 1, 1, 1, 9, "<difficult>maybe</difficult>")), `<difficult> is "maybe"`},
		{voc, xml, annotationOf(object("cat", 21, 1, 40, 9, "")), "its box is not in the photo"},
		{voc, xml, "<annotation><size><width>10</width><height>20</height></size></annotation>", "10 × 20 pixels"},
		{voc, xml, "<annotation>\n<object>", "a.xml, line 2: it is damaged XML"},
		{voc, xml, "<annotation>&bomb;</annotation>", "damaged XML"},
		{voc, xml, strings.Repeat("<annotation>", maxAnnotation/12), "damaged XML"},
		{voc, xml, annotationOf(strings.Repeat("<a/>", maxAnnotation/4)), "longer than"},
		{voc, xml, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><annotation/>", "encoding"},
	} {
		files := map[string]string{}
		for name, content := range test.files {
			files[name] = content
		}
		if files[test.file] = test.content; test.content == "" {
			delete(files, test.file)
		}
		path := written(t, files)
		for _, dir := range []string{"images", "Annotations", "JPEGImages"} {
			if err := os.MkdirAll(filepath.Join(path, dir), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if _, ok := test.files["Annotations/a.xml"]; !ok {
			os.Remove(filepath.Join(path, "Annotations"))
		}
		if test.files["a.data"] != "" {
			path = filepath.Join(path, "a.data")
		}
		set, err := Open(path)
		if err == nil {
			_, err = set.Sample(0)
		}
		var own *Error
		var ofPhoto *photo.Error
		if err == nil || !strings.Contains(err.Error(), test.want) || !errors.As(err, &own) && !errors.As(err, &ofPhoto) {
			t.Errorf("%s of %.100q: %v; want an *Error with %q", test.file, test.content, err, test.want)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := written(t, map[string]string{"images/a.png": grayPicture(1), "labels/a.txt": "", "names.txt": "cat", "a.jpg": "x", "a.names": "cat", "two/a.names": "x", "two/b.names": "x"})
	for _, test := range []struct{ path, split, want string }{
		{"absent", "", "there is no such file"},
		{"a.jpg", "", "this is no data set"},
		{"two", "", "call one of them names.txt"},
		{"", "test", "there is no such folder of photos"},
		{"", "../x", "there is no part"},
		{"", "..", "there is no part"},
		{"", `..\x`, "there is no part"},
	} {
		_, err := OpenSplit(filepath.Join(dir, test.path), test.split)
		var own *Error
		if !errors.As(err, &own) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q, %q: %v; want an error with %q", test.path, test.split, err, test.want)
		}
	}
}

// Links must not lead out of a data set.
func TestLinks(t *testing.T) {
	outside := written(t, map[string]string{"secret.txt": "0 .5 .5 1 1", "a.png": grayPicture(1)})
	for name, to := range map[string]string{"labels/a.txt": "secret.txt", "images/b.png": "a.png"} {
		dir := written(t, map[string]string{"images/a.png": grayPicture(1), "labels/c.txt": "0 .5 .5 1 1", "images/c.png": grayPicture(1), "names.txt": "cat"})
		if err := os.Symlink(filepath.Join(outside, to), filepath.Join(dir, name)); err != nil {
			t.Skip("no links on this system:", err)
		}
		set, err := Open(dir)
		for i := 0; err == nil && i < set.Len(); i++ {
			_, err = set.Sample(i)
		}
		if err == nil || !strings.Contains(err.Error(), "it leads out of the folder") {
			t.Errorf("%s, a link: %v", name, err)
		}
	}
}

func FuzzAnnotation(f *testing.F) {
	f.Add([]byte(annotationOf(object("dog", 1, 1, 20, 10, ""), object("cat", 3, 4, 12.5, 8, "<difficult>1</difficult>"))))
	f.Add([]byte("<annotation><object><part><object/></part></object></annotation>"))
	f.Add([]byte("<!DOCTYPE a [<!ENTITY b \"c\">]><annotation>&b;</annotation>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, _, err := parseAnnotation(data)
		if err != nil {
			return
		}
		for _, o := range a.objects {
			if o.name == "" || o.line < 1 || !(o.box.Width() >= 1 && o.box.Height() >= 1) {
				t.Fatalf("%+v", o)
			}
		}
	})
}

// FuzzData opens whatever the files say.
func FuzzData(f *testing.F) {
	f.Add("train=train.txt\nvalid=train.txt\nnames=a.names", "images/a.png\n", "0 .5 .5 1 1")
	f.Add("train = ./train.txt\n#\nnames = a.names", "../secret.png\n/etc/passwd\nimages/../images/a.png", "")
	outer := written(f, map[string]string{"secret.png": grayPicture(99), "secret.txt": "0 .5 .5 1 1", "set/images/a.png": grayPicture(1), "set/a.names": "cat"})
	dir := filepath.Join(outer, "set")
	f.Fuzz(func(t *testing.T, data, list, labels string) {
		for name, content := range map[string]string{"a.data": data, "train.txt": list, "images/a.txt": labels} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		set, err := Open(filepath.Join(dir, "a.data"))
		if err != nil {
			var own *Error
			if !errors.As(err, &own) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		for i := range min(set.Len(), 4) {
			s, err := set.Sample(i)
			if err != nil {
				continue
			}
			for _, o := range s.Objects {
				if o.Class < 0 || o.Class >= len(set.Names()) || !(o.Box.Area() > 0) || !reflect.DeepEqual(o.Box, o.Box.Clip(20, 10)) {
					t.Fatalf("%+v", o)
				}
			}
		}
	})
}

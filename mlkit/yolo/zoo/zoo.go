// Package zoo knows pre-trained networks of the YOLOv3 family by name, and where their files are on this computer.
//
//	files, err := zoo.Find("yolov3-tiny")
//	if errors.Is(err, zoo.ErrAbsent) {
//		// package download fetches it
//	}
//	fmt.Println(files.Config, files.Weights)
//
// Each file is known by its length and SHA-256, so that what is loaded is what its authors published, whatever
// mirror it came from. One network, "shapes", is ours, and has no files: yolo.Load has it within.
package zoo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"gopherlens/assets/shapes"
	"gopherlens/mlkit/fetch/cache"
	"gopherlens/mlkit/yolo/detection"
)

// Variable names a folder with the files, in place of the cache.
const Variable = "GOPHERLENS_YOLO"

// ErrAbsent is what Find's error is when a network has not been fetched yet.
var ErrAbsent = errors.New("not on this computer yet")

// An Entry is a network of the zoo.
type Entry struct {
	Name            string
	About           string          // in a sentence
	Classes         func() []string // their names
	Config, Weights File            // without a name if it has no files
}

// Within tells that the network has no files: there is nothing to fetch.
func (e Entry) Within() bool { return e.Config.Name == "" }

// A File is a part of a network: its name, what is in it, and where it is served.
type File struct {
	Name    string
	Content cache.Content
	URLs    []string
}

const (
	redmon  = "https://raw.githubusercontent.com/pjreddie/darknet/master/cfg/"
	fastest = "https://raw.githubusercontent.com/dog-qiuqiu/Yolo-Fastest/99d03d0f26e2555275bdb30f43479d47cc19311f/ModelZoo/yolo-fastest-1.1_coco/"
)

// file is a File that is served in several folders.
func file(name string, size int64, sum string, folders ...string) File {
	f := File{Name: name, Content: cache.Content{Size: size, SHA256: sum}}
	for _, folder := range folders {
		f.URLs = append(f.URLs, folder+name)
	}
	return f
}

// Entries are the networks, the largest first.
var Entries = []Entry{
	{
		"yolov3", "Redmon and Farhadi's YOLOv3 (2018): 248 MB, the most exact.", detection.COCO,
		file("yolov3.cfg", 8342, "22489ea38575dfa36c67a90048e8759576416a79d32dc11e15d2217777b9a953", redmon),
		file("yolov3.weights", 248_007_048, "523e4e69e1d015393a1b0a441cef1d9c7659e3eb2d7e15f793f060a21b32f297",
			"https://data.pjreddie.com/files/", "https://pjreddie.com/media/files/"),
	}, {
		"yolov3-tiny", "Its little sister: 35 MB, ten times as fast, and it overlooks more.", detection.COCO,
		file("yolov3-tiny.cfg", 1915, "84eb7a675ef87c906019ff5a6e0effe275d175adb75100dcb47f0727917dc2c7", redmon),
		file("yolov3-tiny.weights", 35_434_956, "dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c",
			"https://data.pjreddie.com/files/", "https://pjreddie.com/media/files/"),
	}, {
		"yolo-fastest-1.1", "YOLO-Fastest 1.1: 1.4 MB, for slow connections.", detection.COCO,
		file("yolo-fastest-1.1.cfg", 9685, "f6df5775c1e862998cf69046eba9265be3ae84dfe8b2caab7529823f0795bf70", fastest),
		file("yolo-fastest-1.1.weights", 1_384_268, "1c445c42bbd6df63edea2cc69f99667b5650d663ca11e34b116240740cd42890", fastest),
	}, {
		Name: "shapes", About: "Our own: finds shapes and handwritten digits in pictures such as package scenes draws. Always there.", Classes: shapes.Names,
	},
}

// Lookup finds an entry by its name.
func Lookup(name string) (Entry, error) {
	var known []string
	for _, e := range Entries {
		if e.Name == name {
			return e, nil
		}
		known = append(known, e.Name)
	}
	return Entry{}, fmt.Errorf("there is no network %q in the zoo, only %s", name, strings.Join(known, ", "))
}

// First is the first of these networks that is on this computer, or the last of them if none is: a program that names
// the one it wants and then the one that it can do with always goes on.
func First(names ...string) string {
	for _, name := range names {
		if _, err := Find(name); err == nil {
			return name
		}
	}
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

// Files are where a network's files are.
type Files struct{ Config, Weights string }

// Find says where the files of a network are: in the folder that $GOPHERLENS_YOLO names, or in the cache. They are
// whole and right, or there is an error: their SHA-256 is looked at when they are new or have changed. A network that
// has no files is always there: then they have no paths.
func Find(name string) (Files, error) {
	e, err := Lookup(name)
	if err != nil || e.Within() {
		return Files{}, err
	}
	var files Files
	for _, part := range []struct {
		file File
		path *string
	}{{e.Config, &files.Config}, {e.Weights, &files.Weights}} {
		if *part.path, err = find(part.file); err != nil {
			return Files{}, fmt.Errorf("the network %s: %w", name, err)
		}
	}
	return files, nil
}

// FindConfig says where the configuration of a network is, as Find does; its weights may be absent.
func FindConfig(name string) (string, error) {
	e, err := Lookup(name)
	if err != nil || e.Within() {
		return "", err
	}
	path, err := find(e.Config)
	if err != nil {
		return "", fmt.Errorf("the network %s: %w", name, err)
	}
	return path, nil
}

func find(f File) (string, error) {
	var at string
	if local := os.Getenv(Variable); local != "" {
		var err error
		if at, err = cache.Find(local, f.Name); err != nil {
			return "", fmt.Errorf("%s is not in %s, the folder that %s names", f.Name, local, Variable)
		}
	} else {
		dir, err := cache.Dir()
		if err != nil {
			return "", err
		}
		at = filepath.Join(dir, filepath.FromSlash(f.Path()))
	}
	err := cache.Verify(at, f.Content)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s is %w", f.Name, ErrAbsent)
	}
	return at, err
}

// Path is where the file is in the cache, with slashes.
func (f File) Path() string { return path.Join("yolo", f.Name) }

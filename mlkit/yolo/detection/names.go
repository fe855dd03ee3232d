package detection

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxClasses bounds the number of classes: YOLO9000 has 9,418.
const maxClasses = 10000

// coco are the 80 classes of the COCO data set, in its order, by the names that Darknet gives them.
var coco = [...]string{
	"person", "bicycle", "car", "motorbike", "aeroplane", "bus", "train", "truck", "boat",
	"traffic light", "fire hydrant", "stop sign", "parking meter", "bench",
	"bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe",
	"backpack", "umbrella", "handbag", "tie", "suitcase",
	"frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket",
	"bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl",
	"banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake",
	"chair", "sofa", "pottedplant", "bed", "diningtable", "toilet",
	"tvmonitor", "laptop", "mouse", "remote", "keyboard", "cell phone",
	"microwave", "oven", "toaster", "sink", "refrigerator",
	"book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
}

// COCO returns the names of COCO's 80 classes, as Darknet's coco.names has them: 0 is "person", 16 "dog".
// Source: T.-Y. Lin et al., "Microsoft COCO: Common Objects in Context" (2014).
func COCO() []string { return slices.Clone(coco[:]) }

// className is the name of a class: its number, if it has no other.
func className(names []string, class int) string {
	if class < len(names) {
		return names[class]
	}
	return strconv.Itoa(class)
}

// ReadNames reads the names of classes, one to a line, as Darknet's .names files have them. A class's
// number is that of its line, counted from 0. What is wrong with the file is told by a *FormatError.
func ReadNames(r io.Reader) ([]string, error) {
	const form = "class names"
	var names []string
	blank := 0 // the first blank line; more may follow, but no name
	err := readLines(r, form, func(number int, line string) error {
		name := strings.TrimSpace(line)
		lower := strings.ToLower(name)
		switch {
		case name == "":
			if blank == 0 {
				blank = number
			}
			return nil
		case blank > 0:
			return fmt.Errorf("line %d is blank, and names follow it: which number a class has would be unclear", blank)
		case len(names) == maxClasses:
			return fmt.Errorf("there are more than %d names", maxClasses)
		case len(names) == 0 && (strings.HasPrefix(lower, "<!doctype") || strings.HasPrefix(lower, "<html")):
			return errors.New("this is a web page: the download went wrong")
		case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || strings.Contains(name, byteOrderMark):
			return errors.New("this is no text in UTF-8")
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if names == nil {
		return nil, &FormatError{Form: form, Reason: "the file is empty"}
	}
	return names, nil
}

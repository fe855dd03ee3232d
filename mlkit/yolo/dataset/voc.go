package dataset

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"gopherlens/mlkit/yolo/detection"
)

// voc is a set in the form of Pascal VOC (M. Everingham et al., "The PASCAL Visual Object Classes Challenge", 2010).
type voc struct {
	folder
	classes []string
	number  map[string]int // of each class
	ids     []string       // of the photos
	photos  map[string]string
}

func (s *voc) Len() int        { return len(s.ids) }
func (s *voc) Names() []string { return slices.Clone(s.classes) }

func (s *voc) Sample(i int) (Sample, error) {
	if i < 0 || i >= len(s.ids) {
		return Sample{}, absent(i, len(s.ids))
	}
	id := s.ids[i]
	name := "Annotations/" + id + ".xml"
	a, err := s.annotation(name)
	if err != nil {
		return Sample{}, err
	}
	img, err := s.photo(s.photos[id])
	if err != nil {
		return Sample{}, err
	}
	sample := Sample{Image: img}
	width, height := img.Rect.Dx(), img.Rect.Dy()
	if a.size != (image.Point{}) && a.size != img.Rect.Size() { // 0 × 0 where a program did not know
		return Sample{}, &Error{File: s.path(name), Reason: fmt.Sprintf("its boxes are for a photo of %d × %d pixels, but %s has %d × %d (a photo that was turned or resized needs new boxes)",
			a.size.X, a.size.Y, s.photos[id], width, height)}
	}
	for _, o := range a.objects {
		class, ok := s.number[o.name]
		if !ok {
			return Sample{}, &Error{File: s.path(name), Line: o.line, Reason: fmt.Sprintf("no class is called %.50q", o.name)}
		}
		box := o.box.Clip(width, height)
		if !(box.Area() > 0) {
			return Sample{}, &Error{File: s.path(name), Line: o.line, Reason: fmt.Sprintf("its box is not in the photo, which has %d × %d pixels", width, height)}
		}
		sample.Objects = append(sample.Objects, Object{class, box, o.difficult})
	}
	return sample, nil
}

// An annotation is one file's.
type annotation struct {
	size    image.Point
	objects []annotated
}

type annotated struct {
	name      string
	box       detection.Box
	difficult bool
	line      int
}

func (f folder) annotation(name string) (annotation, error) {
	data, err := f.read(name, maxAnnotation)
	if err != nil {
		return annotation{}, err
	}
	a, line, err := parseAnnotation(data)
	if err != nil {
		return annotation{}, &Error{f.path(name), line, err.Error(), err}
	}
	return a, nil
}

// parseAnnotation reads an XML file. Where it is wrong, it says in which line.
func parseAnnotation(data []byte) (a annotation, line int, err error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	at := func() int { line, _ := d.InputPos(); return line }
	root := false
	for {
		token, err := d.Token()
		if err == io.EOF {
			if !root {
				return a, 0, errors.New("it is empty, not an <annotation>")
			}
			return a, 0, nil
		}
		if err != nil {
			return a, at(), xmlReason(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		line := at()
		switch {
		case !root && start.Name.Local != "annotation":
			return a, line, fmt.Errorf("it is a <%.50s>, not an <annotation>", start.Name.Local)
		case !root:
			root = true
		case start.Name.Local == "size":
			var size struct {
				Width  string `xml:"width"`
				Height string `xml:"height"`
			}
			if err := d.DecodeElement(&size, &start); err != nil {
				return a, at(), xmlReason(err)
			}
			w, err := number("width", size.Width)
			if err != nil {
				return a, line, err
			}
			h, err := number("height", size.Height)
			if err != nil {
				return a, line, err
			}
			a.size = image.Pt(int(w), int(h))
		case start.Name.Local == "object":
			var o struct {
				Name      string `xml:"name"`
				Difficult string `xml:"difficult"`
				Box       struct {
					XMin string `xml:"xmin"`
					YMin string `xml:"ymin"`
					XMax string `xml:"xmax"`
					YMax string `xml:"ymax"`
				} `xml:"bndbox"`
			}
			if err := d.DecodeElement(&o, &start); err != nil {
				return a, at(), xmlReason(err)
			}
			object := annotated{name: strings.TrimSpace(o.Name), line: line}
			if object.name == "" {
				return a, line, errors.New("an object has no <name>")
			}
			switch strings.TrimSpace(o.Difficult) {
			case "", "0":
			case "1":
				object.difficult = true
			default:
				return a, line, fmt.Errorf("<difficult> is %.30q, not 0 or 1", o.Difficult)
			}
			var v [4]float64
			for i, text := range []string{o.Box.XMin, o.Box.YMin, o.Box.XMax, o.Box.YMax} {
				if v[i], err = number([]string{"xmin", "ymin", "xmax", "ymax"}[i], text); err != nil {
					return a, line, err
				}
			}
			if v[2] < v[0] || v[3] < v[1] {
				return a, line, fmt.Errorf("its box is the wrong way round: (%g, %g) is not above and to the left of (%g, %g)", v[0], v[1], v[2], v[3])
			}
			// VOC counts pixels from 1, and both corners' belong to the box.
			object.box = detection.Box{X1: v[0] - 1, Y1: v[1] - 1, X2: v[2], Y2: v[3]}
			a.objects = append(a.objects, object)
		default:
			if err := d.Skip(); err != nil {
				return a, at(), xmlReason(err)
			}
		}
	}
}

// number is a place in a photo, or its size.
func number(element, text string) (float64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, fmt.Errorf("there is no <%s>", element)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(v) > 1e6 || math.IsNaN(v) {
		return 0, fmt.Errorf("<%s> is %.30q, not a number of pixels", element, text)
	}
	return v, nil
}

func xmlReason(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("it is damaged XML: %.200s", syntax.Msg)
	}
	return fmt.Errorf("it is XML that is not read: %w", err)
}

func openVOC(f folder, split string) (Set, error) {
	if err := checkSplit(string(f), split); err != nil {
		return nil, err
	}
	s := &voc{folder: f, photos: map[string]string{}, number: map[string]int{}}
	var annotations []string // in order
	count := 0
	for _, dir := range []string{"JPEGImages", "Annotations"} {
		err := f.walk(dir, func(name string) error {
			if count++; count > 2*maxPhotos {
				return &Error{File: string(f), Reason: fmt.Sprintf("there are more than %d files", 2*maxPhotos)}
			}
			id := withoutExt(strings.TrimPrefix(name, dir+"/"))
			switch {
			case dir == "JPEGImages" && isPhoto(name):
				s.photos[id] = name
			case dir == "Annotations" && path.Ext(name) == ".xml":
				annotations = append(annotations, id)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(annotations)
	if err := s.nameClasses(annotations); err != nil {
		return nil, err
	}
	list := ""
	parts := synonyms(split)
	if split == "" {
		parts = []string{"trainval", "train"}
	}
	for _, part := range parts {
		if name := "ImageSets/Main/" + part + ".txt"; f.is(name, false) {
			list = name
			break
		}
	}
	if list == "" {
		if split != "" {
			return nil, &Error{File: f.path("ImageSets/Main/" + split + ".txt"), Reason: "there is no such list of photos"}
		}
		for _, id := range annotations {
			if s.photos[id] == "" {
				return nil, &Error{File: f.path("Annotations/" + id + ".xml"), Reason: "there is no such photo in JPEGImages"}
			}
		}
		s.ids = annotations
	} else if err := f.lines(list, maxList, func(text string) error {
		fields := strings.Fields(text)
		if len(fields) > 2 {
			return fmt.Errorf("%.50q is not the name of a photo", text)
		}
		if len(fields) == 2 && fields[1] == "-1" { // in lists about one class: photos that do not show it
			return nil
		}
		switch id := fields[0]; {
		case s.photos[id] == "":
			return fmt.Errorf("there is no photo %.50q in JPEGImages", id)
		case !f.is("Annotations/"+id+".xml", false):
			return fmt.Errorf("there is no %.50q in Annotations", id+".xml")
		default:
			s.ids = append(s.ids, id)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if len(s.ids) == 0 {
		return nil, &Error{File: string(f), Reason: "there are no photos with annotations"}
	}
	return s, nil
}

// nameClasses takes the classes from a file of names, or from all annotations.
func (s *voc) nameClasses(annotations []string) error {
	file, err := s.findNames()
	if err != nil {
		return err
	}
	if file != "" {
		if s.classes, err = s.names(file); err != nil {
			return err
		}
	} else {
		seen := map[string]bool{}
		for _, id := range annotations {
			a, err := s.annotation("Annotations/" + id + ".xml")
			if err != nil {
				return err
			}
			for _, o := range a.objects {
				seen[o.name] = true
			}
			const most = 10_000
			if len(seen) > most {
				return &Error{File: s.path("Annotations"), Reason: fmt.Sprintf("they name more than %d classes", most)}
			}
		}
		for name := range seen {
			s.classes = append(s.classes, name)
		}
		slices.Sort(s.classes)
		if len(s.classes) == 0 {
			return &Error{File: s.path("Annotations"), Reason: "they name no objects at all"}
		}
	}
	for i, name := range s.classes {
		s.number[name] = i
	}
	return nil
}

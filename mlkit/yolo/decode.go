package yolo

import (
	"math"

	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/detection"
)

// decode turns the heads of one picture into candidates, with boxes from 0 to 1 of the network's input. Those
// whose objectness is not above the least are left out, and classes whose score is not have 0. For a cell (x, y) of a
// grid of w × h and an anchor of pw × ph pixels, the network says tx, ty, tw, th, to, and the class logits:
//
//	center = ((σ(tx)·s − (s−1)/2 + x) / w, (σ(ty)·s − (s−1)/2 + y) / h)
//	size   = (pw·exp(tw) / width, ph·exp(th) / height)
//	objectness = σ(to), and σ of each class's
//
// with s = 1, or scale_x_y where a network has it (Redmon and Farhadi, "YOLOv3: An Incremental Improvement", 2018;
// Bochkovskiy et al., "YOLOv4", 2020).
func decode(c *darknet.Config, heads [][]float32, least float64) (list []detection.Candidate) {
	least = min(max(least, 0), 1)
	logit := logitOf(least)
	i := 0
	for _, l := range c.Layers {
		k, ok := l.Kind.(darknet.YOLO)
		if !ok {
			continue
		}
		head, n := heads[i], 5+k.Classes
		i++
		for cell := range l.In.Height * l.In.Width {
			for a, anchor := range k.Mask {
				t := head[(cell*len(k.Mask)+a)*n:][:n]
				if !(t[4] > logit) {
					continue
				}
				place := func(t float32, at, cells int) float64 {
					return (sigmoid(t)*k.ScaleXY - (k.ScaleXY-1)/2 + float64(at)) / float64(cells)
				}
				x, y := place(t[0], cell%l.In.Width, l.In.Width), place(t[1], cell/l.In.Width, l.In.Height)
				w := k.Anchors[anchor][0] * math.Exp(float64(t[2])) / float64(c.Width) / 2
				h := k.Anchors[anchor][1] * math.Exp(float64(t[3])) / float64(c.Height) / 2
				found := detection.Candidate{Box: detection.Box{X1: x - w, Y1: y - h, X2: x + w, Y2: y + h}, Objectness: sigmoid(t[4])}
				// Classes whose score is not above the least take no part, and cost no exponential.
				found.Classes = make([]float32, k.Classes)
				unlikely := logitOf(least / found.Objectness * (1 - 1e-6))
				for class, logit := range t[5:] {
					if logit > unlikely {
						found.Classes[class] = float32(sigmoid(logit))
					}
				}
				list = append(list, found)
			}
		}
	}
	return list
}

// logitOf is where σ is y: σ(x) > y where x > logitOf(y).
func logitOf(y float64) float32 { return float32(math.Log(y / (1 - y))) }

func sigmoid(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }

package yolo

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"gopherlens/mlkit/yolo/darknet"
	"gopherlens/mlkit/yolo/detection"
)

// An Object is what a network shall find in a picture.
type Object struct {
	Class int
	Box   detection.Box // from 0 to 1 of the network's input
}

// mostObjects is how many objects of a picture count in training.
const mostObjects = 64

// targets are what the heads shall say. For each head and anchor of a cell they have 6 + classes numbers:
//
//	1 if an object is there, else 0; where its centre is in the cell, x and y from 0 to 1;
//	log of its width and height relative to the anchor's; 2 − its area; 1 for its class, else 0
type targets struct {
	heads [][]float32 // [height, width, anchors, 6 + classes]
	truth []float32   // [mostObjects, 4]: corners, 0 where there is no object
}

// target gives each object to the anchor that has its shape most nearly, in the cell where its centre is. Where two
// objects have the same anchor and cell, the later one has it.
func target(c *darknet.Config, objects []Object) targets {
	t := targets{truth: make([]float32, 4*mostObjects)}
	type head struct {
		darknet.YOLO
		darknet.Shape
	}
	var heads []head
	for _, l := range c.Layers {
		if k, ok := l.Kind.(darknet.YOLO); ok {
			heads = append(heads, head{k, l.In})
			t.heads = append(t.heads, make([]float32, l.In.Height*l.In.Width*len(k.Mask)*(6+k.Classes)))
		}
	}
	for i, o := range objects[:min(len(objects), mostObjects)] {
		b := o.Box
		w, h := b.X2-b.X1, b.Y2-b.Y1
		x, y := (b.X1+b.X2)/2, (b.Y1+b.Y2)/2
		if !(w > 0 && h > 0 && x >= 0 && x < 1 && y >= 0 && y < 1) {
			continue
		}
		copy(t.truth[4*i:], []float32{float32(b.X1), float32(b.Y1), float32(b.X2), float32(b.Y2)})
		best, at, anchor := -1.0, 0, 0
		for k, head := range heads {
			for a, m := range head.Mask {
				aw, ah := head.Anchors[m][0]/float64(c.Width), head.Anchors[m][1]/float64(c.Height)
				both := min(w, aw) * min(h, ah)
				if iou := both / (w*h + aw*ah - both); iou > best {
					best, at, anchor = iou, k, a
				}
			}
		}
		k := heads[at]
		cx, cy := int(x*float64(k.Width)), int(y*float64(k.Height))
		n := 6 + k.Classes
		to := t.heads[at][((cy*k.Width+cx)*len(k.Mask)+anchor)*n:][:n]
		clear(to)
		shape := k.Anchors[k.Mask[anchor]]
		copy(to, []float32{
			1, float32(x*float64(k.Width) - float64(cx)), float32(y*float64(k.Height) - float64(cy)),
			float32(math.Log(w * float64(c.Width) / shape[0])), float32(math.Log(h * float64(c.Height) / shape[1])),
			float32(2 - w*h),
		})
		if o.Class >= 0 && o.Class < k.Classes {
			to[6+o.Class] = 1
		}
	}
	return t
}

// losses are the parts of YOLOv3's loss, each summed over the batch: of the boxes, the objectness and the classes.
//
//	box        Σ over objects of (2 − area)·((σ(tx)−x)² + (σ(ty)−y)² + (tw−log w)² + (th−log h)²)
//	objectness binary cross-entropy; an anchor without an object does not count if its box overlaps some object by
//	           more than the head's ignore threshold
//	classes    binary cross-entropy, of the objects
//
// as Redmon and Farhadi have it ("YOLOv3: An Incremental Improvement", 2018) and yolov3-tf2 computes it.
func losses(c *darknet.Config, heads, targets []*graph.Node, truth *graph.Node) (box, objectness, classes *graph.Node) {
	i := 0
	add := func(sum **graph.Node, part *graph.Node) {
		part = graph.ReduceAllSum(part)
		if *sum != nil {
			part = graph.Add(*sum, part)
		}
		*sum = part
	}
	for _, l := range c.Layers {
		k, ok := l.Kind.(darknet.YOLO)
		if !ok {
			continue
		}
		n, anchors := heads[i].Shape().Dimensions[0], len(k.Mask)
		p := graph.Reshape(heads[i], n, l.In.Height, l.In.Width, anchors, 5+k.Classes)
		t := targets[i]
		i++
		of := func(x *graph.Node, from, to int) *graph.Node {
			return graph.SliceAxis(x, -1, graph.AxisRange(from, to))
		}
		there := of(t, 0, 1)
		xy := graph.Sigmoid(of(p, 0, 2))
		if k.ScaleXY != 1 {
			xy = graph.AddScalar(graph.MulScalar(xy, k.ScaleXY), -(k.ScaleXY-1)/2)
		}
		wh := of(p, 2, 4)
		weight := graph.Mul(there, of(t, 5, 6))
		add(&box, graph.Mul(weight, graph.Square(graph.Sub(xy, of(t, 1, 3)))))
		add(&box, graph.Mul(weight, graph.Square(graph.Sub(wh, of(t, 3, 5)))))

		far := graph.LessOrEqual(overlap(c, l, k, graph.StopGradient(xy), graph.StopGradient(wh), truth), graph.Scalar(p.Graph(), p.DType(), k.IgnoreThreshold))
		counts := graph.Max(there, graph.ConvertDType(graph.Reshape(far, n, l.In.Height, l.In.Width, anchors, 1), p.DType()))
		add(&objectness, graph.Mul(counts, crossEntropy(of(p, 4, 5), there)))
		add(&classes, graph.Mul(there, crossEntropy(of(p, 5, 5+k.Classes), of(t, 6, 6+k.Classes))))
	}
	return box, objectness, classes
}

// crossEntropy is −y·log σ(x) − (1−y)·log(1−σ(x)), without overflow.
func crossEntropy(x, y *graph.Node) *graph.Node {
	softplus := graph.Log1P(graph.Exp(graph.Neg(graph.Abs(x))))
	return graph.Add(graph.Sub(graph.Max(x, graph.ZerosLike(x)), graph.Mul(x, y)), softplus)
}

// overlap is the largest IoU of each box that a head proposes with an object, [batch, boxes]. xy is where the centres
// are in their cells, wh the logarithms of the sizes relative to the anchors'; truth [batch, objects, 4] are corners.
func overlap(c *darknet.Config, l darknet.Layer, k darknet.YOLO, xy, wh, truth *graph.Node) *graph.Node {
	g, n := xy.Graph(), xy.Shape().Dimensions[0]
	boxes := l.In.Height * l.In.Width * len(k.Mask)
	var cells, anchors, grid []float32
	for y := range l.In.Height {
		for x := range l.In.Width {
			for _, m := range k.Mask {
				cells = append(cells, float32(x), float32(y))
				anchors = append(anchors, float32(k.Anchors[m][0]/float64(c.Width)), float32(k.Anchors[m][1]/float64(c.Height)))
				grid = append(grid, 1/float32(l.In.Width), 1/float32(l.In.Height))
			}
		}
	}
	constant := func(v []float32) *graph.Node { return graph.Reshape(graph.Const(g, v), 1, boxes, 2) }
	centre := graph.Mul(graph.Add(graph.Reshape(xy, n, boxes, 2), constant(cells)), constant(grid))
	half := graph.MulScalar(graph.Mul(graph.Exp(graph.ClipScalar(graph.Reshape(wh, n, boxes, 2), -10, 10)), constant(anchors)), 0.5)
	side := func(corners *graph.Node, from int) *graph.Node {
		return graph.SliceAxis(corners, -1, graph.AxisRange(from, from+2))
	}
	low, high := graph.InsertAxes(graph.Sub(centre, half), 2), graph.InsertAxes(graph.Add(centre, half), 2) // [batch, boxes, 1, 2]
	tLow, tHigh := graph.InsertAxes(side(truth, 0), 1), graph.InsertAxes(side(truth, 2), 1)                 // [batch, 1, objects, 2]
	area := func(size *graph.Node) *graph.Node {
		return graph.Mul(graph.SliceAxis(size, -1, graph.AxisElem(0)), graph.SliceAxis(size, -1, graph.AxisElem(1)))
	}
	both := graph.Sub(graph.Min(high, tHigh), graph.Max(low, tLow))
	shared := area(graph.Max(both, graph.ZerosLike(both)))
	union := graph.Sub(graph.Add(area(graph.Sub(high, low)), area(graph.Sub(tHigh, tLow))), shared)
	iou := graph.Div(shared, graph.AddScalar(union, 1e-9))
	return graph.ReduceMax(graph.Reshape(iou, n, boxes, mostObjects), -1)
}

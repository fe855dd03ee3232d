package cells

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Packages knows the types of packages, from the export data that the go command keeps in its build cache. It looks
// for them in the background: no cell waits for long.
type Packages struct {
	ask    func(arguments ...string) ([]byte, error) // the go command
	more   []string                                  // patterns
	listed chan struct{}                             // closed when what they match has been looked for

	mutex    sync.Mutex
	standard map[string][]string      // import paths of the standard library, by the name of the package
	files    map[string]string        // export data, by import path
	asked    map[string]chan struct{} // closed when the answer is there; by import path, and "std" for standard
	late     map[string]bool          // import paths that a cell has waited for in vain: no other will
	loaded   types.Importer
}

var errUnknown = errors.New("no types are known of it")

// usual is what most notebooks use, asked for before they do.
var usual = []string{
	"bufio", "bytes", "cmp", "encoding/json", "errors", "fmt", "image", "image/color", "io", "log", "maps", "math",
	"math/rand", "math/rand/v2", "os", "path/filepath", "regexp", "slices", "sort", "strconv", "strings", "sync",
	"time", "unicode",
}

// LoadPackages begins to look for types. What ask returns is what the go command prints where cells are compiled, with
// their flags. More packages may be named that the notebook will probably import, as patterns.
func LoadPackages(ask func(arguments ...string) ([]byte, error), more ...string) *Packages {
	standard := make(chan struct{})
	p := &Packages{
		ask:    ask,
		more:   more,
		listed: make(chan struct{}),
		files:  map[string]string{},
		asked:  map[string]chan struct{}{"std": standard},
		late:   map[string]bool{},
	}
	p.load()
	p.want(usual)
	go func() {
		defer close(standard)
		p.listStandard()
	}()
	go func() {
		defer close(p.listed)
		if len(more) > 0 {
			p.list(more, false)
		}
	}()
	return p
}

// load begins anew to load types.
func (p *Packages) load() {
	p.loaded = importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if file := p.files[path]; file != "" {
			return os.Open(file)
		}
		return nil, errUnknown
	})
}

// Want looks for the types of packages, and so has them compiled, unless they are known already.
func (p *Packages) Want(paths ...string) {
	<-p.listed
	p.want(paths)
}

// Reload does so again with the packages that were named to LoadPackages, as they have changed.
func (p *Packages) Reload() {
	p.list(p.more, false)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.load()
	clear(p.late)
}

// use calls do with what imports the packages that are known by now. Nothing is loaded meanwhile, as types refer to
// one another.
func (p *Packages) use(do func(types.Importer)) {
	if p == nil {
		do(lookup(func(string) (*types.Package, error) { return nil, errUnknown }))
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	do(lookup(func(path string) (*types.Package, error) {
		if path == "unsafe" {
			return types.Unsafe, nil
		}
		return p.loaded.Import(path)
	}))
}

// lookup is an importer.
type lookup func(path string) (*types.Package, error)

func (l lookup) Import(path string) (*types.Package, error) { return l(path) }

// wait looks for packages that nobody has asked for, and waits for all of them; it tells whether they have arrived.
// It does not wait for what was looked for in vain.
func (p *Packages) wait(paths []string, atMost time.Duration) bool {
	p.want(paths)
	timeout := time.After(atMost)
	for _, path := range paths {
		p.mutex.Lock()
		asked, late := p.asked[path], p.late[path]
		p.mutex.Unlock()
		if asked == nil || late {
			continue
		}
		select {
		case <-asked:
		case <-timeout:
			p.mutex.Lock()
			p.late[path] = true
			p.mutex.Unlock()
			return false
		}
	}
	return true
}

var importable = regexp.MustCompile(`^\w[\w./~+-]*$`)

// want looks for packages in the background, each once.
func (p *Packages) want(paths []string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	done := make(chan struct{})
	paths = slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		if p.asked[path] != nil || p.files[path] != "" || !importable.MatchString(path) {
			return true
		}
		p.asked[path] = done
		return false
	})
	if len(paths) == 0 {
		return
	}
	go func() {
		defer close(done)
		p.list(paths, true)
	}()
}

// list asks the go command for the export data of packages and of all that they import, and loads that of the packages
// themselves if a cell will need it soon.
func (p *Packages) list(patterns []string, soon bool) {
	out, _ := p.ask(append([]string{"list", "-e", "-export", "-deps", "-json=ImportPath,Export,DepOnly", "--"}, patterns...)...)
	var found []string
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var listed struct {
			ImportPath, Export string
			DepOnly            bool
		}
		if in.Decode(&listed) != nil {
			break
		}
		if listed.Export != "" {
			p.mutex.Lock()
			p.files[listed.ImportPath] = listed.Export
			p.mutex.Unlock()
			if soon && !listed.DepOnly {
				found = append(found, listed.ImportPath)
			}
		}
	}
	for _, path := range found { // one at a time: a cell may be waiting to look one up
		p.mutex.Lock()
		_, _ = p.loaded.Import(path)
		p.mutex.Unlock()
	}
}

// listStandard finds out what the standard library has.
func (p *Packages) listStandard() {
	out, _ := p.ask("list", "std")
	standard := map[string][]string{}
	for _, listed := range strings.Fields(string(out)) {
		if strings.Contains(listed, "internal/") || strings.HasPrefix(listed, "vendor/") {
			continue
		}
		name := path.Base(listed)
		if name == "v2" {
			name = path.Base(path.Dir(listed))
		}
		standard[name] = append(standard[name], listed)
	}
	p.mutex.Lock()
	p.standard = standard
	p.mutex.Unlock()
}

// find returns the package of the standard library that goimports imports for a name that is used with these
// symbols, or of that the first version; "" if there is none, or if several would do.
func (p *Packages) find(name string, symbols names) string {
	if p == nil {
		return ""
	}
	p.wait([]string{"std"}, patience)
	p.mutex.Lock()
	candidates := p.standard[name]
	p.mutex.Unlock()
	if len(candidates) == 1 { // goimports would not take another
		return candidates[0]
	}
	if len(candidates) > 1 {
		p.wait(candidates, patience)
	}
	fits, several := "", false
	p.use(func(importer types.Importer) {
		for _, candidate := range candidates {
			found, err := importer.Import(candidate)
			has := err == nil
			for symbol := range symbols {
				has = has && found.Scope().Lookup(symbol) != nil
			}
			switch {
			case !has, fits != "" && strings.TrimSuffix(candidate, "/v2") == fits: // what both have has as many results
			default:
				fits, several = candidate, several || fits != ""
			}
		}
	})
	if several {
		return ""
	}
	return fits
}

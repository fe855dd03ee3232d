package labtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Notebook writes a notebook with these code cells into a folder of its own, and returns its path.
func Notebook(t testing.TB, sources ...string) string {
	t.Helper()
	cells := []map[string]any{}
	for i, source := range sources {
		cells = append(cells, map[string]any{
			"cell_type": "code", "id": "cell-" + strconv.Itoa(i), "metadata": map[string]any{},
			"execution_count": nil, "outputs": []any{}, "source": source,
		})
	}
	text, err := json.Marshal(map[string]any{"cells": cells, "metadata": map[string]any{}, "nbformat": 4, "nbformat_minor": 5})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "notebook.ipynb")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

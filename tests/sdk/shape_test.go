package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"
)

// recorder keeps the JSON body of the last answer, so that it can be compared with what the SDK understood of it.
type recorder struct {
	last []byte
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		return answer, nil
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	r.last = body
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, err
}

// checkShape fails when the SDK's value, written as JSON again, is not what the server sent: a field the SDK does not
// know, a field that is missing, a value that changed on its way.
func checkShape(t *testing.T, understood any, sent []byte) {
	t.Helper()
	again, err := json.Marshal(understood)
	if err != nil {
		t.Fatal(err)
	}
	var left, right any
	if err := json.Unmarshal(again, &left); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(sent, &right); err != nil {
		t.Fatalf("the answer is no JSON: %v\n%.300s", err, sent)
	}
	for _, difference := range differences("", left, right) {
		t.Error(difference)
	}
}

func differences(path string, understood, sent any) []string {
	if sameInstant(understood, sent) || reflect.DeepEqual(understood, sent) {
		return nil
	}
	switch left := understood.(type) {
	case map[string]any:
		if right, ok := sent.(map[string]any); ok {
			return objectDifferences(path, left, right)
		}
	case []any:
		if right, ok := sent.([]any); ok && len(left) == len(right) {
			var found []string
			for i := range left {
				found = append(found, differences(fmt.Sprintf("%s[%d]", path, i), left[i], right[i])...)
			}
			return found
		}
	}
	return []string{fmt.Sprintf("%s: the server sent %s, the SDK has %s", path, short(sent), short(understood))}
}

func objectDifferences(path string, understood, sent map[string]any) []string {
	var found []string
	for name, value := range understood {
		if other, ok := sent[name]; ok {
			found = append(found, differences(path+"."+name, value, other)...)
		} else {
			found = append(found, fmt.Sprintf("%s.%s is missing; the SDK has %s", path, name, short(value)))
		}
	}
	for name, value := range sent {
		if _, ok := understood[name]; !ok {
			found = append(found, fmt.Sprintf("%s.%s is unknown to the SDK: %s", path, name, short(value)))
		}
	}
	sort.Strings(found)
	return found
}

func sameInstant(left, right any) bool {
	leftText, leftOk := left.(string)
	rightText, rightOk := right.(string)
	if !leftOk || !rightOk {
		return false
	}
	leftTime, leftErr := time.Parse(time.RFC3339Nano, leftText)
	rightTime, rightErr := time.Parse(time.RFC3339Nano, rightText)
	return leftErr == nil && rightErr == nil && leftTime.Equal(rightTime)
}

func short(value any) string {
	text, _ := json.Marshal(value)
	return fmt.Sprintf("%.120s", text)
}

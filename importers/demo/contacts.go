package demo

import (
	"fmt"

	"github.com/yizhan/yizhan"
)

// Common names of the region, Mongolian ones included. Whoever has one of them is not meant.
var (
	surnames   = []string{"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "敖", "鄂", "孟", "白"}
	givenNames = []string{"明", "丽娜", "建国", "秀英", "志强", "桂兰", "海涛", "玉梅", "晓东", "春花", "国庆", "淑珍", "文博", "雪梅", "永胜", "红霞", "巴特尔", "乌兰", "其其格", "苏和"}
)

// Contacts makes up a name and a phone for every leader, for the store to seal. There is no person behind
// them: the phones begin with 120, which is given to nobody, and the leaders are marked as synthetic.
func (c *City) Contacts() map[string]yizhan.Contact {
	contacts := make(map[string]yizhan.Contact, len(c.Leaders))
	for _, l := range c.Leaders {
		d := roll("contact", l.Code)
		contacts[l.Code] = yizhan.Contact{
			Name:  surnames[d.pick("surname", len(surnames))] + givenNames[d.pick("given", len(givenNames))],
			Phone: fmt.Sprintf("120%08d", d.pick("phone", 100_000_000)),
		}
	}
	return contacts
}

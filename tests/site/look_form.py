"""A form with every kind of field, for the gallery."""

import wtforms
from wtforms import validators as v
from wtforms.widgets import CheckboxInput, ListWidget


class Chips(wtforms.SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def choices(*pairs: tuple[str, str]) -> list[wtforms.SelectChoice]:
    return [wtforms.SelectChoice(value=value, label=label) for value, label in pairs]


class ReportForm(wtforms.Form):
    phone = wtforms.StringField(
        "手机号", [v.DataRequired(), v.Length(min=11, message="手机号要 11 位，现在是 10 位")]
    )
    password = wtforms.PasswordField("密码", [v.DataRequired("请填密码")])
    temperature = wtforms.DecimalField("A-006 鲜肉柜，显示多少？", [v.InputRequired("请填温度")])
    found_on = wtforms.DateField("哪天发现", [v.DataRequired("请选日期")])
    kind = wtforms.SelectField("类别", choices=choices(("fire", "疏散通道堆物"), ("food", "冷藏柜温度")))
    how_grave = wtforms.RadioField(
        "有多严重", [v.InputRequired("请选一个等级")], choices=choices(("minor", "一般"), ("serious", "较大"))
    )
    said = Chips(
        "是什么问题",
        [v.DataRequired("至少选一样")],
        choices=choices(("a", "通道堆泡沫箱"), ("b", "地面积水")),
    )
    note = wtforms.TextAreaField("补一句")
    photo = wtforms.FileField("照片", [v.DataRequired("还差 1 张照片")])
    paper = wtforms.FileField("检验报告")
    read = wtforms.BooleanField("我看过全文。签收表示看到了，不表示没有不同意见。")
    kept_version = wtforms.HiddenField()

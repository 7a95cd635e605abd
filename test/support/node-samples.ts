/** The specification's own example: it calculates how much sales have grown. */
export const SALES_GROWTH = `name: sales_growth_calculator
version: "1.0.0"
executor_type: code
description: 计算销售增长率
inputs:
  - name: sales_current
    type: number
  - name: sales_previous
    type: number
outputs:
  - name: growth_rate
    type: number
code: |
  function main(inputs) {
    return { growth_rate: (inputs.sales_current - inputs.sales_previous) / inputs.sales_previous }
  }
tests:
  - inputs: { sales_current: 100, sales_previous: 80 }
    outputs: { growth_rate: 0.25 }
`

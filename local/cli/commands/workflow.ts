import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { addWorkflowGraphCommand } from './workflow-graph.ts'
import { addWorkflowRunCommand } from './workflow-run.ts'

export function addWorkflowCommand(program: Command, context: CliContext): void {
  const { say } = context
  const group = program
    .command('workflow')
    .summary(say({ zh: '查看、运行工作流', en: 'look at workflows and run them' }))
    .description(
      say({ zh: '由内置步骤和动态节点组成的工作流。', en: 'Workflows of built-in steps and dynamic nodes.' }),
    )
  addWorkflowGraphCommand(group, context)
  addWorkflowRunCommand(group, context)
}

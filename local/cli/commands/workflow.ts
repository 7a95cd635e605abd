import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { addWorkflowCreateCommand } from './workflow-create.ts'
import { addWorkflowDeleteCommand } from './workflow-delete.ts'
import { addWorkflowGraphCommand } from './workflow-graph.ts'
import { addWorkflowListCommand } from './workflow-list.ts'
import { addWorkflowRollbackCommand } from './workflow-rollback.ts'
import { addWorkflowRunCommand } from './workflow-run.ts'

export function addWorkflowCommand(program: Command, context: CliContext): void {
  const { say } = context
  const group = program
    .command('workflow')
    .summary(
      say({ zh: '创建、查看、运行、删除、回滚工作流', en: 'create, look at, run, delete and roll back workflows' }),
    )
    .description(
      say({ zh: '由内置步骤和动态节点组成的工作流。', en: 'Workflows of built-in steps and dynamic nodes.' }),
    )
  addWorkflowCreateCommand(group, context)
  addWorkflowListCommand(group, context)
  addWorkflowGraphCommand(group, context)
  addWorkflowRunCommand(group, context)
  addWorkflowDeleteCommand(group, context)
  addWorkflowRollbackCommand(group, context)
}

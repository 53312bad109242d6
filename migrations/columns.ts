import { sql, type ColumnDefinitionBuilder, type CreateTableBuilder } from 'kysely'

/** A primary key that counts up and never uses a number twice. */
export function addId<Table extends string>(
  table: CreateTableBuilder<Table>,
  dialect: 'sqlite' | 'postgres',
): CreateTableBuilder<Table> {
  return dialect === 'sqlite'
    ? table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    : table.addColumn('id', 'bigint', (column) => column.generatedByDefaultAsIdentity().primaryKey())
}

export function required(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder {
  return column.notNull()
}

export function counter(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder {
  return column.notNull().defaultTo(0)
}

export function list(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder {
  return column.notNull().defaultTo(sql`'[]'`)
}
